import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@mooring/telemetry/clock'
import type { Address } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { answerPeer } from '../peer-desk.ts'
import { toJson } from './frost.ts'
import { Group } from './group.ts'
import { createKeyFiles } from './key-files.ts'
import type { VerifierSet } from './membership.ts'

setDefaultTimeout(30_000)

let folder: string | undefined
afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

/** Verifiers that reach each other without a network, and see the set that the chain is said to have. */
async function openGroups(set: { current: VerifierSet }, accounts: ReturnType<typeof newAccounts>) {
  const root = await mkdtemp(join(tmpdir(), 'mooring-group-'))
  folder = root
  const groups = new Map<Address, Group>()
  for (const account of accounts) {
    const group = await Group.open({
      domain: { chainId: 31_337, ankrEscrow: `0x${'11'.repeat(20)}` },
      account,
      clock: systemClock,
      files: createKeyFiles(join(root, account.address)),
      membership: {
        get current() {
          return set.current
        },
        read: async () => set.current,
      },
      ask: async (peer, question) =>
        toJson(await groups.get(peer)?.answer(account.address, question)),
      publishAheadSeconds: 0,
      tokenLifeSecondsMax: 60,
      onKey: () => undefined,
      onError: () => undefined,
    })
    groups.set(account.address, group)
  }
  return groups
}

function newAccounts(count: number) {
  const accounts = Array.from({ length: count }, () => privateKeyToAccount(generatePrivateKey()))
  return accounts.sort((one, other) => (BigInt(one.address) < BigInt(other.address) ? -1 : 1))
}

test('verifiers make another key by themselves when the chain has another set', async () => {
  const accounts = newAccounts(4)
  const addresses = accounts.map(({ address }) => address)
  const set = { current: { members: addresses.slice(0, 3), threshold: 2 } }
  const groups = await openGroups(set, accounts)
  const stop = new AbortController()
  const [first, , , fourth] = accounts.map(({ address }) => groups.get(address))
  if (first === undefined || fourth === undefined) throw new Error('there are four')
  const running = addresses.slice(0, 3).map((address) => groups.get(address)?.run(stop.signal))
  while (first.signingKey === undefined) await systemClock.sleep(20)
  expect(first.signingKey.members).toEqual(addresses.slice(0, 3))

  // One goes, another one comes, and it takes a share that the one who went has no part in.
  set.current = { members: addresses.slice(1), threshold: 2 }
  running.push(fourth.run(stop.signal))
  while (fourth.signingKey === undefined) await systemClock.sleep(20)
  expect(fourth.signingKey.members).toEqual(addresses.slice(1))
  expect(fourth.signingKey.generation).toBe(2)
  stop.abort()
  await Promise.all(running)
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
