import { afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { groupKeyData, isSignedByQuorum } from '@mooring/onchain/access-statements'
import { isEndedAtOnce } from '@mooring/protocol/access/verifier-wire'
import { systemClock } from '@mooring/telemetry/clock'
import type { Address } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { answerPeer } from '../peer-desk.ts'
import { parseVotesAnswer } from './end-at-once.ts'
import { toJson } from './frost.ts'
import { Group } from './group.ts'
import { createKeyFiles } from './key-files.ts'
import type { VerifierSet } from './membership.ts'

setDefaultTimeout(30_000)

let folder: string | undefined
afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const domain = { chainId: 31_337, ankrEscrow: `0x${'11'.repeat(20)}` } as const

/** Verifiers that reach each other without a network, and see the set that the chain is said to have. */
async function openGroups(set: { current: VerifierSet }, accounts: ReturnType<typeof newAccounts>) {
  const root = await mkdtemp(join(tmpdir(), 'mooring-group-'))
  folder = root
  const groups = new Map<Address, Group>()
  const away = new Set<Address>()
  const open = async (account: (typeof accounts)[number]) => {
    const group = await Group.open({
      domain,
      account,
      clock: systemClock,
      files: createKeyFiles(join(root, account.address)),
      membership: {
        get current() {
          return set.current
        },
        read: async () => set.current,
      },
      async ask(peer, question) {
        if (away.has(peer) || away.has(account.address)) throw new Error('it is away')
        return toJson(await groups.get(peer)?.answer(account.address, question))
      },
      publishAheadSeconds: 0,
      tokenLifeSecondsMax: 60,
      onKey: () => undefined,
      onEnded: () => undefined,
      onError: () => undefined,
    })
    groups.set(account.address, group)
    return group
  }
  for (const account of accounts) await open(account)
  return { groups, away, open }
}

/** Has groups make keys and hear of each other until it is disposed of. */
function running(groups: Iterable<Group>): AsyncDisposable {
  const stop = new AbortController()
  const loops = [...groups].map((group) => group.run(stop.signal))
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all(loops)
    },
  }
}

/** Waits until something holds. The test's own deadline ends it. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await systemClock.sleep(20)
}

function never(): never {
  throw new Error('it is missing')
}

function fourOf(groups: ReadonlyMap<Address, Group>): [Group, Group, Group, Group] {
  const [first, second, third, fourth] = [...groups.values()]
  return [first ?? never(), second ?? never(), third ?? never(), fourth ?? never()]
}

function newAccounts(count: number) {
  const accounts = Array.from({ length: count }, () => privateKeyToAccount(generatePrivateKey()))
  return accounts.sort((one, other) => (BigInt(one.address) < BigInt(other.address) ? -1 : 1))
}

test('verifiers make another key by themselves when the chain has another set', async () => {
  const accounts = newAccounts(4)
  const addresses = accounts.map(({ address }) => address)
  const set = { current: { members: addresses.slice(0, 3), threshold: 2 } }
  const { groups } = await openGroups(set, accounts)
  const [first, second, third, fourth] = fourOf(groups)
  await using _three = running([first, second, third])
  await until(() => [first, second, third].every(({ signingKey }) => signingKey !== undefined))
  expect(first.signingKey?.members).toEqual(addresses.slice(0, 3))

  // One goes, another one comes, and it takes a share that the one who went has no part in.
  set.current = { members: addresses.slice(1), threshold: 2 }
  await using _fourth = running([fourth])
  await until(() => fourth.signingKey !== undefined)
  expect(fourth.signingKey?.members).toEqual(addresses.slice(1))
  expect(fourth.signingKey?.generation).toBe(2)
})

test('one that comes while the others have given a try up makes the next one with them', async () => {
  const accounts = newAccounts(4)
  const addresses = accounts.map(({ address }) => address)
  const set = { current: { members: addresses.slice(0, 3), threshold: 2 } }
  const { groups } = await openGroups(set, accounts)
  const [, second, third, fourth] = fourOf(groups)
  // The first is never there, so these make no key before it is replaced.
  await using _two = running([second, third])
  await systemClock.sleep(300)
  set.current = { members: addresses.slice(1), threshold: 2 }
  await systemClock.sleep(300)
  await using _fourth = running([fourth])
  await until(() => [second, third, fourth].every(({ signingKey }) => signingKey !== undefined))
  expect(fourth.signingKey?.members).toEqual(addresses.slice(1))
})

describe('a key ends at once', () => {
  async function openThree() {
    const accounts = newAccounts(3)
    const members = accounts.map(({ address }) => address)
    const opened = await openGroups({ current: { members, threshold: 2 } }, accounts)
    const [first, second, third] = [...opened.groups.values()]
    if (first === undefined || second === undefined || third === undefined) throw new Error('three')
    {
      await using _all = running([first, second, third])
      await until(() => [first, second, third].every(({ signingKey }) => signingKey !== undefined))
    }
    const kid = first.signingKey?.kid ?? ''
    return { ...opened, accounts, members, three: [first, second, third] as const, kid }
  }

  test('when as many as sign want it: it signs nothing, and all make another one by themselves', async () => {
    const { three, kid, members } = await openThree()
    const [first, second, third] = three
    expect(await first.endAtOnce(kid)).toEqual([
      { kid, isEnded: false, votes: [members[0] ?? '0x'], needed: 2 },
    ])
    const [state] = await second.endAtOnce()
    expect(state).toMatchObject({ kid, isEnded: true, needed: 2 })
    // It was told by the second, and has not voted.
    for (const group of three) {
      expect([group.hasEnded(kid), group.keyOf(kid), group.signingKey]).toEqual([
        ...[true, undefined, undefined],
      ])
    }
    await using _all = running(three)
    await until(() => three.every(({ signingKey }) => signingKey?.generation === 2))
    const { keys, 'mooring:ended': ended } = await third.published()
    expect(keys.map((key) => key.kid)).toEqual([third.signingKey?.kid ?? ''])
    expect(ended.map((key) => [key.kid, isEndedAtOnce(key)])).toEqual([[kid, true]])
    const [{ 'mooring:signatures': signatures, ...statement } = never()] = ended
    const data = groupKeyData(domain, statement)
    expect(await isSignedByQuorum({ members, threshold: 2 }, data, signatures)).toBe(true)
  })

  test('not when one fewer wants it, however often and in whose name', async () => {
    const { three, groups, kid, accounts, members } = await openThree()
    const [first, second, third] = three
    for (let times = 0; times < 3; times++) await first.endAtOnce(kid)
    const [own = never()] = await votesIn(second, kid, [])
    expect(own.verifier).toBe(members[0] ?? '0x')
    const stranger = privateKeyToAccount(generatePrivateKey())
    const made = [
      { ...own, verifier: members[1] },
      { verifier: members[1], signature: own.signature.replace(/..$/, '00') },
      { verifier: stranger.address, signature: own.signature },
      {
        verifier: accounts[2]?.address,
        signature: await accounts[0]?.signMessage({ message: kid }),
      },
      ...[null, {}, { verifier: members[1] }],
    ]
    for (const group of groups.values()) {
      for (const votes of [made, ...made.map((one) => [one])]) {
        expect(await votesIn(group, kid, votes)).toHaveLength(1)
      }
    }
    await using _all = running(three)
    await systemClock.sleep(300)
    for (const group of three) expect(group.signingKey?.kid).toBe(kid)
    expect((await third.published())['mooring:ended']).toEqual([])
  })

  test('also at one that was away, and at one that starts again', async () => {
    const { three, open, away, groups, kid, accounts, members } = await openThree()
    const [first, second, third] = three
    away.add(members[2] ?? '0x')
    await first.endAtOnce(kid)
    // It starts again between two votes, and still knows of the first.
    const again = await open(accounts[1] ?? never())
    await again.endAtOnce(kid)
    expect([again.hasEnded(kid), third.hasEnded(kid)]).toEqual([true, false])
    const reopened = await open(accounts[0] ?? never())
    expect([reopened.hasEnded(kid), reopened.signingKey]).toEqual([true, undefined])
    expect(second.signingKey?.kid).toBe(kid)
    away.clear()
    await using _all = running(groups.values())
    await until(() => [...groups.values()].every(({ signingKey }) => signingKey?.generation === 2))
    expect(third.hasEnded(kid)).toBe(true)
  })

  test('also when who wanted it first has left the set since', async () => {
    const accounts = newAccounts(4)
    const members = accounts.map(({ address }) => address)
    const set = { current: { members: members.slice(0, 3), threshold: 2 } }
    const { groups } = await openGroups(set, accounts)
    const [first, second, third] = fourOf(groups)
    {
      await using _three = running([first, second, third])
      await until(() => [first, second, third].every(({ signingKey }) => signingKey !== undefined))
    }
    const kid = first.signingKey?.kid ?? ''
    await first.endAtOnce(kid)
    set.current = { members: members.slice(1), threshold: 2 }
    const [state] = await second.endAtOnce(kid)
    expect(state).toMatchObject({ isEnded: false, votes: [members[1] ?? '0x'] })
    const [decided] = await third.endAtOnce(kid)
    expect(decided).toMatchObject({ isEnded: true })
    expect(second.hasEnded(kid)).toBe(true)
  })

  test('for good: whoever asks for another key has none to end', async () => {
    const { three, kid } = await openThree()
    for (const group of three) await group.endAtOnce()
    for (const group of three) expect(await group.endAtOnce('another')).toEqual([])
    for (const group of three) expect(await group.endAtOnce(kid)).toHaveLength(1)
    expect((await three[0].published()).keys).toEqual([])
  })

  /** What a group answers another one that tells it of votes. */
  async function votesIn(group: Group, kid: string, votes: readonly unknown[]) {
    const from = `0x${'22'.repeat(20)}` as const
    return parseVotesAnswer(await group.answer(from, { kind: 'endVotes', kid, votes }))
  }
})

test('who is in the set no more is not answered, whatever it asks', async () => {
  const desk = { membership: { has: () => false } }
  // Nothing else of the desk is looked at for a stranger.
  const answer = await answerPeer(desk as never, {
    from: `0x${'22'.repeat(20)}`,
    id: '1',
    re: undefined,
    body: { kind: 'grants', after: 0 },
  })
  expect(answer).toMatchObject({ kind: 'refused', code: 'NOT_FOUND' })
})
