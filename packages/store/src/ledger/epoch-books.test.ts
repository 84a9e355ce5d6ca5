import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { PostRequest } from '@mooring/protocol/metering/wire'
import type { WorkLine } from '@mooring/protocol/relays/reports'
import fc from 'fast-check'
import type { Database } from '../database.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, bob, nowMs, storeOn } from '../store.fixtures.ts'
import { checkBooks } from './check.ts'
import { checkUsage } from './check-usage.ts'
import { closeBooks, readEpochBooks, readUntaken } from './epoch-books.ts'
import { beginEpoch } from './epochs.ts'
import { claimOf, fund, lineOf, postOf, termsOf } from './ledger.fixtures.ts'
import { type PostTerms, postUsage } from './post.ts'
import { listReceipts, type NewReceipt, saveReceipts } from './relay-receipts.ts'
import { saveWork as saveWorkIn } from './work.ts'

// Room for a slow machine.
setDefaultTimeout(120_000)

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

async function post(request: PostRequest, terms: Partial<PostTerms> = {}): Promise<void> {
  const { answer } = await postUsage(database, request, termsOf(terms))
  if ('error' in answer) throw new Error(`${answer.error}: ${answer.detail}`)
}

const booksOf = (first: bigint, last = first) => readEpochBooks(database.sql, { first, last })
const sumOf = (all: readonly bigint[]) => all.reduce((sum, each) => sum + each, 0n)

describe('what is charged', () => {
  test('counts to the epoch that it is when it is told, once however often it is', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 1_000n, credits: 10_000n })
    const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
    await post(postOf(epoch, { leases: [claimOf(alice, { wants: 4_000 })] }))
    const first = postOf(epoch, { from: 1, to: 1, usage: [lineOf(alice, { credits: 300 })] })
    await post(first, { chainEpoch: 5n })
    await post(first, { chainEpoch: 6n })
    const usage = [lineOf(alice, { credits: 200, chain: 'bsc' }), lineOf(null, { credits: 0 })]
    await post(postOf(epoch, { from: 2, to: 2, usage }), { chainEpoch: 6n })
    expect(await booksOf(5n)).toEqual({
      charges: [{ account: alice, asset: 'ankr', credits: 300n, tokens: 30n }],
      served: [{ chain: 'eth', charged: 300n }],
      work: [],
    })
    expect((await booksOf(6n)).served).toEqual([{ chain: 'bsc', charged: 200n }])
    expect((await booksOf(0n, 6n)).charges[0]).toMatchObject({ credits: 500n, tokens: 50n })
    expect(await checkBooks(database)).toEqual([])
    expect(await checkUsage(database)).toEqual([])
  })

  test('counts to the first epoch that is open when its own one is closed', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 1_000n, credits: 10_000n })
    const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
    await closeBooks(database, 5n)
    await closeBooks(database, 3n)
    const usage = [lineOf(alice, { credits: 300 })]
    await post(postOf(epoch, { from: 1, to: 1, usage }), { chainEpoch: 5n })
    expect((await booksOf(0n, 5n)).charges).toEqual([])
    expect((await booksOf(6n)).served).toEqual([{ chain: 'eth', charged: 300n }])
  })

  test('waits to be taken as long as more has accrued than was charged in later epochs', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 1_000n, credits: 10_000n })
    const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
    const use = async (at: number, credits: number, chainEpoch: bigint) => {
      const usage = [lineOf(alice, { credits })]
      await post(postOf(epoch, { from: at, to: at, usage }), { chainEpoch })
    }
    await use(1, 300, 5n)
    await use(2, 200, 6n)
    const untaken = async () =>
      await Promise.all([4n, 5n, 6n].map((last) => readUntaken(database.sql, last)))
    expect(await untaken()).toEqual([0n, 30n, 50n])
    // A root has taken the first 25 tokens, then the rest of the first epoch.
    await database.sql`update holdings set accrued = 25 where account = ${alice}`
    expect(await untaken()).toEqual([0n, 5n, 25n])
    await database.sql`update holdings set accrued = 20 where account = ${alice}`
    expect(await untaken()).toEqual([0n, 0n, 20n])
  })

  test('and what nobody could pay come to what was served, in whatever epochs and however told', async () => {
    const step = fc.record({
      account: fc.constantFrom(alice, bob),
      chain: fc.constantFrom('eth', 'bsc'),
      credits: fc.integer({ min: 0, max: 3_000 }),
      chainEpoch: fc.bigInt({ min: 0n, max: 3n }),
      closes: fc.option(fc.bigInt({ min: 0n, max: 2n }), { freq: 5 }),
      again: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        await using _ = await opened()
        for (const account of [alice, bob]) {
          await fund(database, account, { tokens: 777n, credits: 5_000n })
        }
        const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
        let told = 0n
        for (const [
          at,
          { account, chain, credits, chainEpoch, closes, again },
        ] of steps.entries()) {
          const request = postOf(epoch, {
            ...{ from: at + 1, to: at + 1, usage: [lineOf(account, { chain, credits })] },
          })
          await post(request, { chainEpoch })
          if (again) await post(request, { chainEpoch: chainEpoch + 1n })
          told += BigInt(credits)
          if (closes !== null) await closeBooks(database, closes)
        }
        const { charges, served } = await booksOf(0n, 9n)
        const [row] = await database.sql`select coalesce(sum(credits), 0) as sum from uncollected`
        const [moved] = await database.sql`
          select coalesce(sum(tokens), 0) as sum from moves where verb like 'charge%'`
        expect(sumOf(served.map(({ charged }) => charged))).toBe(told)
        expect(sumOf(charges.map(({ credits }) => credits)) + BigInt(row.sum)).toBe(told)
        expect(sumOf(charges.map(({ tokens }) => tokens))).toBe(BigInt(moved.sum))
        expect(await checkBooks(database)).toEqual([])
      }),
      { numRuns: 15 },
    )
  })

  test('of a post that races the end of an epoch is in it or in the next one', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 1_000n, credits: 1_000_000n })
    const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
    let seen: bigint[] = []
    for (let at = 1; at <= 10; at++) {
      const usage = [lineOf(alice, { credits: 100 })]
      const request = postOf(epoch, { from: at, to: at, usage })
      const closing = closeBooks(database, BigInt(at)).then(async () => {
        const { served } = await booksOf(BigInt(at))
        return sumOf(served.map(({ charged }) => charged))
      })
      const [, closed] = await Promise.all([post(request, { chainEpoch: BigInt(at) }), closing])
      seen = [...seen, closed]
    }
    // What was read once an epoch was closed is what it has for ever.
    for (const [at, closed] of seen.entries()) {
      const { served } = await booksOf(BigInt(at + 1))
      expect(sumOf(served.map(({ charged }) => charged))).toBe(closed)
    }
  })
})

const saveWork = (run: string, work: readonly WorkLine[]) =>
  database.transact((queries) => saveWorkIn(queries, run, work))

const workOf = (changes: Partial<WorkLine> = {}): WorkLine => ({
  ...{ epoch: '5', node: '7', chain: 'eth', asked: 10, answered: 8, failed: 1, late: 2 },
  ...{ credits: 1_600, ...changes },
})

describe('what nodes did', () => {
  test('is what each life of a gateway told last, however often and in which order', async () => {
    await using _ = await opened()
    const later = workOf({ asked: 20, answered: 17, credits: 3_400 })
    await saveWork('run-1', [workOf()])
    await saveWork('run-1', [later, workOf({ node: '0', credits: 5 })])
    await saveWork('run-1', [workOf()])
    await saveWork('run-2', [workOf()])
    const { work } = await booksOf(5n)
    expect(work).toEqual([
      {
        ...{ nodeId: 0n, chain: 'eth', asked: 10n, answered: 8n, failed: 1n, late: 2n },
        credits: 5n,
      },
      {
        ...{ nodeId: 7n, chain: 'eth', asked: 30n, answered: 25n, failed: 2n, late: 4n },
        credits: 5_000n,
      },
    ])
  })

  test('in an epoch that is closed is passed over', async () => {
    await using _ = await opened()
    await closeBooks(database, 5n)
    expect(await saveWork('run-1', [workOf(), workOf({ epoch: '6' })])).toBe(6n)
    expect((await booksOf(0n, 5n)).work).toEqual([])
    expect((await booksOf(6n)).work).toHaveLength(1)
  })
})

test('of a series the receipt with the highest number is kept', async () => {
  await using _ = await opened()
  const session = `0x${'ab'.repeat(32)}` as const
  const receiptOf = (number: bigint, changes: Partial<NewReceipt> = {}): NewReceipt => ({
    ...{ session, nodeId: 7n, epoch: 5n, number, chain: 'eth' },
    ...{ receipt: `{"number":"${number}"}`, gatewaySignature: `0x${'11'.repeat(65)}` },
    ...{ nodeSignature: `0x${'22'.repeat(65)}`, ...changes },
  })
  await saveReceipts(database.sql, [receiptOf(2n), receiptOf(1n, { chain: 'bsc' })], nowMs)
  await saveReceipts(database.sql, [receiptOf(1n)], nowMs)
  await saveReceipts(database.sql, [receiptOf(3n), receiptOf(9n, { nodeId: 8n })], nowMs)
  const kept = await listReceipts(database.sql, { first: 5n, last: 5n })
  expect(kept.map(({ receipt }) => receipt)).toEqual(['{"number":"1"}', '{"number":"3"}'])
  expect(await listReceipts(database.sql, { first: 6n, last: 9n })).toEqual([])
})
