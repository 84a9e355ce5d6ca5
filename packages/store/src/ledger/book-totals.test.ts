import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Database } from '../database.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, bob, hashNamed, nowMs, storeOn } from '../store.fixtures.ts'
import { type AssetTotals, readBookTotals } from './book-totals.ts'
import { bookClosedLives } from './closed-lives.ts'
import { attest, bookAll, chainId } from './deposits.fixtures.ts'
import { bookEscrowEvents, type EscrowEvent, noteFinalBlocks } from './escrow-events.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
beforeAll(async () => {
  store = storeOn(await startPostgres())
})
afterAll(() => store.stop())

const asset = 'ankr'
const terms = { chainId, nowMs, countMax: 10 }

type Fact = Pick<EscrowEvent, 'kind' | 'amount'> & { account?: string; name?: string }

/** What the chain does, one block each, and what its escrow holds then. */
function chainOf(database: Database) {
  let [number, held] = [0n, 0n]
  return {
    held: () => held,
    note: async (facts: Fact) => {
      const { kind, amount, account = alice, name = 'none' } = facts
      number++
      held += kind === 'deposit' ? amount : -amount
      const event = { kind, amount, account, asset, logIndex: 0, life: 0n } as const
      const events = [{ ...event, blockNumber: number, transactionHash: hashNamed(name) }]
      const to = { number, hash: hashNamed('head') }
      await noteFinalBlocks(database, { to, events, rates: [] })
    },
  }
}

/** By the books, whatever stands where. */
async function expectedOf(database: Database): Promise<{ sum: bigint; ankr: AssetTotals }> {
  const { ankr, usd } = (await readBookTotals(database)) ?? {}
  if (!(ankr && usd)) throw new Error('no block was noted')
  expect(Object.values(usd)).toEqual([0n, 0n, 0n, 0n, 0n, 0n])
  const { tokens, accrued, missing, uncredited, early, unbooked } = ankr
  return { sum: tokens + accrued - missing + uncredited - early - unbooked, ankr }
}

test('what the books hold is what the escrow does, whatever is on its way', async () => {
  await using database = await store.open()
  expect(await readBookTotals(database)).toBeUndefined()
  const chain = chainOf(database)
  const deposit = { account: alice, name: 'one', asset, amount: 1_000n, block: 1 } as const
  const stands = async (ankr: Partial<AssetTotals>) => {
    const found = await expectedOf(database)
    expect(found.ankr).toMatchObject(ankr)
    expect(found.sum).toBe(chain.held())
  }
  await chain.note({ kind: 'deposit', amount: 1_000n, name: 'one' })
  await stands({ tokens: 0n, uncredited: 1_000n })
  await attest(database, deposit, { state: 'attested-capped', credited: 100n })
  await bookAll(database, 10n)
  await stands({ tokens: 100n, uncredited: 900n })
  await attest(database, deposit, { state: 'final', credited: 1_000n })
  await bookAll(database, 10n)
  await stands({ tokens: 1_000n, uncredited: 0n })
  // Verifiers were faster than the reader of the chain.
  const early = { ...deposit, name: 'two', amount: 50n, block: 2 }
  await attest(database, early, { state: 'final', credited: 50n })
  await bookAll(database, 10n)
  await stands({ tokens: 1_050n, early: 50n })
  await chain.note({ kind: 'deposit', amount: 50n, name: 'two' })
  await stands({ tokens: 1_050n, early: 0n })
  await chain.note({ kind: 'charge', amount: 300n })
  await stands({ tokens: 1_050n, unbooked: 300n })
  while ((await bookEscrowEvents(database, terms)).length > 0) {}
  await stands({ unbooked: 0n })
  // A life that ends before anybody has attested how it began.
  await chain.note({ kind: 'deposit', amount: 70n, account: bob, name: 'three' })
  await chain.note({ kind: 'withdraw', amount: 70n, account: bob })
  await stands({ uncredited: 70n, unbooked: 70n })
  await bookClosedLives(database, terms)
  await stands({ uncredited: 70n, unbooked: 0n })
})
