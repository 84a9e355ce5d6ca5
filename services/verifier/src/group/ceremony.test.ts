import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSignedByQuorum } from '@mooring/onchain/access-statements'
import { systemClock } from '@mooring/telemetry/clock'
import { seededRandom } from '@mooring/testkit/random'
import type { Address } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { Ceremony } from './ceremony.ts'
import type { CeremonyAnswer, CeremonyQuestion } from './ceremony-wire.ts'
import { frost, identifierOf, toJson } from './frost.ts'
import { type GroupKey, publicKeyOf, statementOf } from './group-key.ts'
import { createKeyFiles } from './key-files.ts'

setDefaultTimeout(60_000)

const domain = { chainId: 31_337, ankrEscrow: `0x${'11'.repeat(20)}` } as const
const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

/** Told what a member would answer, and gives what arrives in its place. */
type Meddle = (
  from: Address,
  to: Address,
  question: CeremonyQuestion,
  answer: CeremonyAnswer,
) => CeremonyAnswer | undefined

/** Members that reach each other without a network, each with a folder of its own. */
async function createMembers(count: number, threshold: number) {
  const accounts = Array.from({ length: count }, () => privateKeyToAccount(generatePrivateKey()))
  accounts.sort((one, other) => (BigInt(one.address) < BigInt(other.address) ? -1 : 1))
  const terms = { generation: 1, members: accounts.map(({ address }) => address), threshold }
  const folder = await mkdtemp(join(tmpdir(), 'mooring-ceremony-'))
  folders.push(folder)
  const table = new Map<Address, Ceremony>()
  let meddle: Meddle = (_from, _to, _question, answer) => answer
  const sit = async (account: PrivateKeyAccount) => {
    const files = createKeyFiles(join(folder, account.address))
    const { pending, active, parked } = await files.load()
    const context = {
      ...{ domain, account, clock: systemClock, files },
      async ask(peer: Address, question: CeremonyQuestion) {
        const answer = await answerOf(table, account.address, peer, question)
        const arrived = meddle(peer, account.address, question, answer)
        if (arrived === undefined) throw new Error('it is away')
        return structuredClone(toJson(arrived))
      },
    }
    const ceremony = new Ceremony(terms, context, { usedFrom: 7, pending, parked })
    table.set(account.address, ceremony)
    return { ceremony, active }
  }
  for (const account of accounts) await sit(account)
  return {
    accounts,
    terms,
    sit,
    meddleWith: (change: Meddle) => {
      meddle = change
    },
    step: async (account: PrivateKeyAccount) => table.get(account.address)?.step(),
  }
}

async function answerOf(
  table: ReadonlyMap<Address, Ceremony>,
  from: Address,
  to: Address,
  question: CeremonyQuestion,
): Promise<CeremonyAnswer> {
  const ceremony = table.get(to)
  if (ceremony === undefined) throw new Error('it is away')
  if (question.kind === 'share') return ceremony.shareFor(from, question.transcript)
  return ceremony.answer(question)
}

/** Signs with some of the shares, as the group would. */
function signWith(keys: readonly GroupKey[], text: string): Uint8Array {
  const [first] = keys
  if (first === undefined) throw new Error('nobody signs')
  const message = new TextEncoder().encode(text)
  const nonces = keys.map(({ frost: { secret } }) => frost.commit(secret))
  const commitments = nonces.map((one) => one.commitments)
  const shares = Object.fromEntries(
    keys.map(({ frost: key }, at) => {
      const own = nonces[at]?.nonces
      if (own === undefined) throw new Error('it has no nonces')
      return [
        key.secret.identifier,
        frost.signShare(key.secret, key.public, own, commitments, message),
      ]
    }),
  )
  return frost.aggregate(first.frost.public, commitments, message, shares)
}

/** Members that take turns and keep to it have a key after four; who has none after three times as many gets none. */
const roundsMax = 12

async function finish(
  members: Awaited<ReturnType<typeof createMembers>>,
): Promise<Map<Address, GroupKey>> {
  const keys = new Map<Address, GroupKey>()
  for (let round = 0; round < roundsMax && keys.size < members.accounts.length; round++) {
    for (const account of members.accounts) {
      const key = await members.step(account).catch(() => undefined)
      if (key !== undefined) keys.set(account.address, key)
    }
  }
  return keys
}

function expectOneKey(keys: Map<Address, GroupKey>): GroupKey[] {
  const all = [...keys.values()]
  expect(new Set(all.map(({ kid }) => kid)).size).toBe(1)
  return all
}

for (const [count, threshold] of [
  [3, 2],
  [5, 3],
  [4, 4],
] as const) {
  test(`${count} members make one key, of which every ${threshold} can sign`, async () => {
    const members = await createMembers(count, threshold)
    const keys = expectOneKey(await finish(members))
    expect(keys).toHaveLength(count)
    for (let at = 0; at < count; at++) {
      const some = Array.from({ length: threshold }, (_, of) => keys[(at + of) % count])
      const signers = some.filter((key) => key !== undefined)
      const [first] = signers
      if (first === undefined) throw new Error('nobody signs')
      const signature = signWith(signers, 'text')
      const publicKey = publicKeyOf(first.frost)
      expect(frost.verify(signature, new TextEncoder().encode('text'), publicKey)).toBe(true)
    }
    const [key] = keys
    if (key === undefined) throw new Error('there is no key')
    const statement = await statementOf(domain, key.frost, key.usedFrom)
    const everyone = { members: members.terms.members, threshold: count }
    expect(await isSignedByQuorum(everyone, statement, key.signatures)).toBe(true)
  })
}

test('members that crash at any moment end with one key all the same', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed)
    const members = await createMembers(3, 2)
    const keys = new Map<Address, GroupKey>()
    let crashes = 0
    for (let round = 0; round < 400 && keys.size < 3; round++) {
      const account = members.accounts[Math.floor(random() * 3)]
      if (account === undefined) continue
      if (crashes < 6 && random() < 0.25 && !keys.has(account.address)) {
        crashes++
        await members.sit(account)
      }
      const key = await members.step(account).catch(() => undefined)
      if (key !== undefined) keys.set(account.address, key)
    }
    expect([seed, keys.size]).toEqual([seed, 3])
    const all = expectOneKey(keys)
    const signature = signWith(all.slice(1), 'text')
    const [first] = all
    if (first === undefined) throw new Error('there is no key')
    const text = new TextEncoder().encode('text')
    expect(frost.verify(signature, text, publicKeyOf(first.frost))).toBe(true)
  }
})

test('a member that tells the others different things gets nobody to make a key', async () => {
  const members = await createMembers(3, 2)
  const [liar, one] = members.accounts
  if (liar === undefined) throw new Error('there are three')
  const other = frost.DKG.round1(identifierOf(liar.address), { min: 2, max: 3 }).public
  members.meddleWith((from, to, question, answer) => {
    const isLie = from === liar.address && to === one?.address && question.kind === 'hello'
    if (!isLie || answer.kind !== 'hello') return answer
    return { ...answer, round1: toJson(other) }
  })
  expect((await finish(members)).size).toBe(0)
})

test('a member that gives a wrong share gets nobody to make a key', async () => {
  const wrongShare = await createMembers(3, 2)
  wrongShare.meddleWith((from, to, _question, answer) => {
    const isLie = from === wrongShare.accounts[0]?.address && to === wrongShare.accounts[1]?.address
    if (!isLie || answer.kind !== 'share') return answer
    const signingShare = `AQ${'A'.repeat(41)}`
    return { ...answer, signingShare }
  })
  const keys = await finish(wrongShare)
  expect(keys.size).toBe(0)
})

test('a member that denies what it confirmed to another costs nobody its share', async () => {
  const members = await createMembers(3, 2)
  const [one, other, liar] = members.accounts
  if (one === undefined || other === undefined || liar === undefined) throw new Error('three')
  // To one of them the liar says that it began anew, to the other that it has its share.
  let isDenying = true
  members.meddleWith((from, to, question, answer) => {
    const isLie = isDenying && from === liar.address && to === one.address
    return isLie && question.kind === 'confirm' ? { kind: 'differs' } : answer
  })
  const keys = new Map<Address, GroupKey>()
  for (let round = 0; round < 12; round++) {
    // The denied one asks before anybody is done.
    for (const account of [liar, one, other]) {
      const key = await members.step(account).catch(() => undefined)
      if (key !== undefined) keys.set(account.address, key)
    }
  }
  isDenying = false
  for (const account of members.accounts) {
    if (!keys.has(account.address)) await members.sit(account)
  }
  for (const [address, key] of await finish(members)) keys.set(address, key)
  expect(expectOneKey(keys)).toHaveLength(3)
})

test('a key that would be used in a far future is not made', async () => {
  const members = await createMembers(3, 2)
  const [liar] = members.accounts
  members.meddleWith((from, _to, _question, answer) => {
    if (from !== liar?.address || answer.kind !== 'hello') return answer
    return { ...answer, usedFrom: 253_402_300_799 }
  })
  expect((await finish(members)).size).toBe(0)
  members.meddleWith((_from, _to, _question, answer) => answer)
  expectOneKey(await finish(members))
})

test('no key is used while one member is away, and it is made once it is back', async () => {
  const members = await createMembers(3, 2)
  const [away] = members.accounts
  members.meddleWith((from, to, _question, answer) => {
    return from === away?.address || to === away?.address ? undefined : answer
  })
  expect((await finish(members)).size).toBe(0)
  members.meddleWith((_from, _to, _question, answer) => answer)
  expect(expectOneKey(await finish(members))).toHaveLength(3)
})

test('a member that missed the last word of the others learns that the key is in use', async () => {
  const members = await createMembers(3, 2)
  const late = members.accounts[2]
  if (late === undefined) throw new Error('there are three')
  members.meddleWith((_from, to, question, answer) => {
    return to === late.address && question.kind === 'confirm' ? undefined : answer
  })
  const keys = await finish(members)
  expect(keys.size).toBe(2)
  // With what it had on disk, and nothing else.
  members.meddleWith((_from, _to, _question, answer) => answer)
  await members.sit(late)
  const key = await members.step(late)
  expect(key?.kid).toBe([...keys.values()][0]?.kid ?? '')
})
