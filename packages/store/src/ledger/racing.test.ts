import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { PostRequest } from '@mooring/protocol/metering/wire'
import { type Random, seededRandom } from '@mooring/testkit/random'
import type { Database } from '../database.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, bob, hashNamed, nowMs, storeOn } from '../store.fixtures.ts'
import { checkBooks } from './check.ts'
import { checkUsage } from './check-usage.ts'
import { attest, bookAll, chainId } from './deposits.fixtures.ts'
import { beginEpoch } from './epochs.ts'
import { bookEscrowEvents, noteFinalBlocks } from './escrow-events.ts'
import { listHoldings } from './holdings.ts'
import { claimOf, fund, lineOf, postOf, termsOf } from './ledger.fixtures.ts'
import { type BookAnswer, postUsage } from './post.ts'

// Attacks on the books by whoever speaks to them: at once, twice, and under a name that is another's.

// Room for a slow machine.
setDefaultTimeout(60_000)

const price = 250

let store: ReturnType<typeof storeOn>
let database: Database
beforeAll(async () => {
  store = storeOn(await startPostgres())
})
afterAll(() => store.stop())

async function opened(): Promise<Database> {
  database = await store.open()
  return database
}

const begin = (instance = 'gw-1') => beginEpoch(database.sql, instance, { leaseMs: 30_000 })

async function answered(request: PostRequest): Promise<BookAnswer> {
  const { answer, findings } = await postUsage(database, request, termsOf())
  if ('error' in answer) throw new Error(`${answer.error}: ${answer.detail}`)
  expect(findings).toEqual({ late: 0n, uncollected: 0n })
  return answer
}

async function balancesOf(account: string) {
  const holdings = await listHoldings(database.sql, account)
  const sum = (member: 'tokens' | 'credits' | 'leased' | 'accrued') =>
    holdings.reduce((all, each) => all + each[member], 0n)
  return {
    tokens: sum('tokens'),
    credits: sum('credits'),
    leased: sum('leased'),
    accrued: sum('accrued'),
  }
}

async function expectSound(): Promise<void> {
  expect(await checkBooks(database)).toEqual([])
  expect(await checkUsage(database)).toEqual([])
}

/** One gateway that serves as long as it has credits. @returns Credits it served for, by account. */
async function race(instance: string, random: Random): Promise<Map<string, number>> {
  const epoch = await begin(instance)
  const served = new Map([alice, bob].map((account) => [account, 0]))
  const held = new Map([alice, bob].map((account) => [account, 0]))
  for (let frame = 1; frame <= 25; frame++) {
    const usage = [...held].flatMap(([account, credits]) => {
      const requests = Math.floor(random() * (Math.floor(credits / price) + 1))
      if (requests === 0) return []
      held.set(account, credits - requests * price)
      served.set(account, (served.get(account) ?? 0) + requests * price)
      return [lineOf(account, { requests, credits: requests * price })]
    })
    // In any order: whoever locks more than one account must not wait for whoever does too.
    const names = random() < 0.5 ? [alice, bob] : [bob, alice]
    const leases = names.map((account) =>
      claimOf(account, { holds: held.get(account) ?? 0, wants: 3_000, needs: price }),
    )
    const request = { ...postOf(epoch), instance, from: frame, to: frame, usage, leases }
    for (const { account, granted } of (await answered(request)).grants) {
      held.set(account, (held.get(account) ?? 0) + granted)
    }
  }
  await answered({ ...postOf(epoch), instance, from: 26, to: 25, closes: true })
  return served
}

describe('gateways that race for the same accounts', () => {
  test('never use more than there is, and all they use is charged', async () => {
    await using _ = await opened()
    const funds = { [alice]: 40_000n, [bob]: 90_100n }
    for (const [account, credits] of Object.entries(funds)) {
      await fund(database, account, { tokens: credits / 3n, credits })
      await fund(database, account, { asset: 'usd', tokens: credits / 7n, credits: credits / 10n })
    }
    const gateways = Array.from({ length: 5 }, (_, at) => race(`gw-${at}`, seededRandom(at + 1)))
    const served = await Promise.all(gateways)
    for (const [account, credits] of Object.entries(funds)) {
      const used = served.reduce((sum, own) => sum + (own.get(account) ?? 0), 0)
      const bought = credits + credits / 10n
      const left = await balancesOf(account)
      expect({ left: left.credits, leased: left.leased }).toEqual({
        ...{ left: bought - BigInt(used), leased: 0n },
      })
      // The race was about the last of it.
      expect(left.credits).toBeLessThan(bought / 10n)
    }
    await expectSound()
  })
})

describe('what is sent twice counts once:', () => {
  test('every frame, one after the other and at once', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 10_000n, credits: 100_000n })
    const epoch = await begin()
    await answered({ ...postOf(epoch), leases: [claimOf(alice, { wants: 20_000 })] })
    const frames = Array.from({ length: 10 }, (_, at) => ({
      ...postOf(epoch),
      ...{ from: at + 1, to: at + 1, usage: [lineOf(alice, { credits: price })] },
    }))
    for (const frame of frames) await Promise.all([answered(frame), answered(frame)])
    for (const frame of frames) await answered(frame)
    const used = BigInt(frames.length * price)
    expect(await balancesOf(alice)).toMatchObject({ credits: 100_000n - used })
    const [row] = await database.sql`select sum(requests)::int as requests from usage`
    expect(row.requests).toBe(frames.length)
    await expectSound()
  })

  test('every deposit, and every event of an escrow', async () => {
    await using _ = await opened()
    const deposit = { account: alice, name: 'd', asset: 'ankr', amount: 900n, block: 5 } as const
    for (const part of [
      { state: 'attested-capped', credited: 90n },
      { state: 'final', credited: 900n },
    ] as const) {
      await attest(database, deposit, part)
      const booked = await Promise.all([bookAll(database, 3n), bookAll(database, 3n)])
      expect(booked.reduce((sum, count) => sum + count, 0)).toBe(1)
      expect(await bookAll(database, 3n)).toBe(0)
      const { credited } = part
      expect(await balancesOf(alice)).toMatchObject({ tokens: credited, credits: credited * 3n })
    }
    const place = { blockNumber: 6n, logIndex: 0, life: 0n, transactionHash: hashNamed('w') }
    const event = {
      ...place,
      account: alice,
      asset: 'ankr',
      kind: 'withdraw',
      amount: 400n,
    } as const
    const to = { number: 6n, hash: hashNamed('block 6') }
    const note = () => noteFinalBlocks(database, { to, events: [event, event], rates: [] })
    const book = () => bookEscrowEvents(database, { chainId, nowMs, countMax: 10 })
    await Promise.all([note(), note()])
    const booked = await Promise.all([book(), book()])
    await note()
    expect([...booked.flat(), ...(await book())]).toHaveLength(1)
    expect(await balancesOf(alice)).toMatchObject({ tokens: 500n, credits: 1_500n })
    await expectSound()
  })
})

describe('a gateway under the name of another', () => {
  test('is granted nothing that the other has, and ends its leases for all that comes', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 10_000n, credits: 10_000n })
    const older = await begin()
    const wants = claimOf(alice, { wants: 4_000, needs: price })
    const [first] = (await answered({ ...postOf(older), leases: [wants] })).grants
    const younger = await begin()
    const [second] = (await answered({ ...postOf(younger), leases: [wants] })).grants
    const both = BigInt((first?.granted ?? 0) + (second?.granted ?? 0))
    expect(await balancesOf(alice)).toMatchObject({ leased: both })
    // Both serve for a while: each is charged to its own lease, and only the younger is granted more.
    const serve = (epoch: bigint, frame: number) =>
      answered({
        ...postOf(epoch),
        ...{ from: frame, to: frame, usage: [lineOf(alice, { credits: price })] },
        leases: [{ ...wants, holds: 10_000 }],
      })
    for (let frame = 1; frame <= 4; frame++) {
      const [old, young] = await Promise.all([serve(older, frame), serve(younger, frame)])
      expect([old.state, young.state]).toEqual(['fenced', 'live'])
      expect(old.grants).toEqual([])
    }
    expect((await balancesOf(alice)).credits).toBe(10_000n - BigInt(8 * price))
    await expectSound()
  })

  test('cannot post into its epoch, nor twice what both have in their logs', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 10_000n, credits: 10_000n })
    const epoch = await begin()
    await answered({ ...postOf(epoch), leases: [claimOf(alice, { wants: 2_000 })] })
    const frame = { from: 1, to: 1, usage: [lineOf(alice, { credits: price })] }
    const strange = { ...postOf(epoch), ...frame, instance: 'gw-2' }
    const { answer } = await postUsage(database, strange, termsOf())
    expect(answer).toMatchObject({ error: 'unknown' })
    // The older one, and one that was started on a copy of its directory.
    const younger = await begin()
    const told = { ...postOf(epoch), ...frame, closes: true }
    const [one, other] = await Promise.all([
      answered({ ...postOf(epoch), ...frame }),
      answered(told),
    ])
    expect([one.last, other.last]).toEqual([1, 1])
    expect(await balancesOf(alice)).toMatchObject({ credits: 10_000n - BigInt(price), leased: 0n })
    expect((await answered(postOf(younger))).state).toBe('live')
    await expectSound()
  })
})
