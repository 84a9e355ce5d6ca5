import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import type { Database } from '../database.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, hashNamed, nowMs, storeOn } from '../store.fixtures.ts'
import { checkBooks } from './check.ts'
import { checkEscrow } from './check-escrow.ts'
import { bookClosedLives } from './closed-lives.ts'
import { attest, bookAll, chainId } from './deposits.fixtures.ts'
import {
  bookEscrowEvents,
  type EscrowEvent,
  listUnbookedDeposits,
  listUntoldDeposits,
  noteFinalBlocks,
  setHeld,
} from './escrow-events.ts'
import { listHoldings } from './holdings.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
let database: Database
beforeAll(async () => {
  store = storeOn(await startPostgres())
})
afterAll(() => store.stop())
beforeEach(async () => {
  database = await store.open()
})
afterEach(() => database.close())

const asset = 'ankr'
const terms = { chainId, nowMs, countMax: 10 }

/** What the chain did, each in a block of its own from block 1 on. */
async function note(
  ...all: (Pick<EscrowEvent, 'kind' | 'amount'> & { name?: string; life?: bigint })[]
): Promise<void> {
  const events = all.map(({ kind, amount, name = 'none', life = 0n }, at) => ({
    ...({ kind, amount, life, account: alice, asset, logIndex: 0 } as const),
    ...{ blockNumber: BigInt(at + 1), transactionHash: hashNamed(name) },
  }))
  const to = { number: BigInt(all.length), hash: hashNamed('head') }
  await noteFinalBlocks(database, { to, events, rates: [] })
}

const credited = async (name: string, amount: bigint) => {
  const deposit = { account: alice, name, asset, amount, block: 1 } as const
  await attest(database, deposit, { state: 'final', credited: amount })
  await bookAll(database, 10n)
}
const refused = (name: string, amount: bigint) => {
  const deposit = { account: alice, name, asset, amount, block: 1 } as const
  return attest(database, deposit, { state: 'refused', credited: 0n })
}
async function bookEvents(): Promise<void> {
  while ((await bookEscrowEvents(database, terms)).length > 0) {}
}
const own = async () => (await listHoldings(database.sql, alice))[0]
async function expectSound(): Promise<void> {
  expect(await checkBooks(database)).toEqual([])
  expect(await checkEscrow(database)).toEqual([])
  expect(await listUnbookedDeposits(database.sql)).toEqual([])
  expect(await listUntoldDeposits(database.sql, terms)).toEqual([])
}

test('a deposit that was withdrawn before it was attested holds up nothing, and nothing is owed for it', async () => {
  await refused('one', 100n)
  await credited('two', 50n)
  await setHeld(database.sql, { account: alice, asset }, { held: 130n, nowMs })
  await note(
    { kind: 'deposit', amount: 100n, name: 'one' },
    { kind: 'withdraw', amount: 100n },
    { kind: 'deposit', amount: 50n, name: 'two', life: 1n },
    { kind: 'withdraw', amount: 30n, life: 1n },
  )
  await bookEvents()
  expect(await own()).toMatchObject({ tokens: 50n, life: 0n })
  const closed = { account: alice, asset, life: 0n, unattested: 100n } as const
  expect(await bookClosedLives(database, terms)).toEqual([closed])
  expect(await own()).toMatchObject({ tokens: 50n, credits: 500n, life: 1n, held: 30n })
  await bookEvents()
  expect(await own()).toMatchObject({ tokens: 20n, life: 1n, held: 0n, missing: 100n })
  expect(await bookClosedLives(database, terms)).toEqual([])
  await expectSound()
})

test('what was credited in a life is withdrawn with what was not, in parts and around a root', async () => {
  await credited('one', 100n)
  await credited('next', 40n)
  await note(
    { kind: 'deposit', amount: 100n, name: 'one' },
    { kind: 'deposit', amount: 50n, name: 'never told' },
    { kind: 'withdraw', amount: 110n },
    { kind: 'charge', amount: 10n },
    { kind: 'withdraw', amount: 30n },
    { kind: 'deposit', amount: 40n, name: 'next', life: 1n },
  )
  await bookEvents()
  expect(await bookClosedLives(database, terms)).toMatchObject([{ unattested: 50n }])
  await bookEvents()
  expect(await own()).toMatchObject({ tokens: 40n, accrued: 0n, spent: 0n, life: 1n })
  await expectSound()
})

test('a life that goes on is left alone, and one in which something is to be credited yet', async () => {
  await refused('one', 100n)
  await note({ kind: 'deposit', amount: 100n, name: 'one' }, { kind: 'withdraw', amount: 60n })
  expect(await bookClosedLives(database, terms)).toEqual([])
  await note(
    { kind: 'deposit', amount: 100n, name: 'one' },
    { kind: 'withdraw', amount: 60n },
    { kind: 'deposit', amount: 20n, name: 'two' },
    { kind: 'withdraw', amount: 60n },
  )
  const two = { account: alice, name: 'two', asset, amount: 20n, block: 3 } as const
  await attest(database, two, { state: 'attested-capped', credited: 2n })
  expect(await bookClosedLives(database, terms)).toEqual([])
  await attest(database, two, { state: 'refused', credited: 0n })
  expect(await bookClosedLives(database, terms)).toMatchObject([{ unattested: 120n }])
  expect(await own()).toMatchObject({ tokens: 0n, life: 1n, missing: 120n })
  await expectSound()
})

test('a check that was under way when its deposit was given up credits nothing', async () => {
  await refused('one', 100n)
  const [before] = await database.sql`select revision from deposits`
  await note({ kind: 'deposit', amount: 100n, name: 'one' }, { kind: 'withdraw', amount: 100n })
  const closing = [1, 2, 3].map(() => bookClosedLives(database, terms))
  expect((await Promise.all(closing)).flat()).toHaveLength(1)
  const [after] = await database.sql`select revision, next_check_at from deposits`
  expect(after).toEqual({ revision: before.revision + 1, next_check_at: null })
  await expectSound()
})
