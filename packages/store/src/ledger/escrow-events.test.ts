import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { ensureAccount } from '../accounts.ts'
import type { Database } from '../database.ts'
import {
  type Asset,
  type DepositState,
  dropRefusedBefore,
  saveFinding,
  tellDeposit,
} from '../deposits.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, bob, dayMs, hashNamed, nowMs, storeOn } from '../store.fixtures.ts'
import { bookDeposit, listOpenDeposits } from './credit.ts'
import { beginEpoch } from './epochs.ts'
import {
  bookEscrowEvents,
  type EscrowEvent,
  listUnbookedWithdrawals,
  noteFinalBlocks,
  setHeld,
} from './escrow-events.ts'
import { listHoldings } from './holdings.ts'
import { claimOf, postOf, termsOf } from './ledger.fixtures.ts'
import { readMirror } from './mirror.ts'
import { listRecalls } from './positions.ts'
import { postUsage } from './post.ts'

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
  for (const name of [alice, bob]) await ensureAccount(database, name, nowMs)
})
afterEach(() => database.close())

const chainId = 1
const amount = 1_000n

type Facts = { state?: DepositState; block?: number; asset?: Asset }

/** What verifiers have attested of a deposit of `amount` that is called so. */
async function attest(
  name: string,
  account: string,
  { state = 'final', block = 10, asset = 'ankr' }: Facts = {},
): Promise<void> {
  const place = { chainId, transactionHash: hashNamed(name), logIndex: 2 }
  const told = await tellDeposit(database.sql, account, { place, nowMs })
  const credited = { final: amount, 'attested-capped': amount / 10n }[String(state)] ?? 0n
  const finding = {
    ...{ state, amount, credited, asset, life: 0, refusal: null },
    ...{ confirmations: null, confirmationsNeeded: null },
    ...{ blockNumber: block, blockHash: hashNamed('block') },
  }
  await saveFinding(database.sql, told!, { finding, nextCheckAtMs: null })
}

/** Books what is attested, ten credits for a token. */
async function credit(): Promise<void> {
  for (const open of await listOpenDeposits(database.sql, chainId, 100)) {
    const worth = { credits: open.attested * 10n, rate: undefined, nowMs }
    expect(await bookDeposit(database, open, worth)).toBeTrue()
  }
}

function eventOf(
  account: string,
  kind: EscrowEvent['kind'],
  own: Partial<EscrowEvent> = {},
): EscrowEvent {
  const transactionHash = hashNamed(`${kind} ${account}`)
  return {
    ...{ blockNumber: 10n, logIndex: 2, transactionHash, account, asset: 'ankr', kind },
    ...{ amount, life: 0n, ...own },
  }
}

const note = (events: EscrowEvent[], number = 20n) =>
  noteFinalBlocks(database, { to: { number, hash: hashNamed('head') }, events, rates: [] })
const book = (countMax = 100) => bookEscrowEvents(database, { chainId, nowMs, countMax })
const holdingOf = async (account: string) => (await listHoldings(database.sql, account))[0]

describe('what an owner asks out', () => {
  test('before its first deposit is credited is held all the same', async () => {
    await setHeld(database.sql, { account: alice, asset: 'ankr' }, { held: amount, nowMs })
    await attest('one', alice)
    await credit()
    expect(await holdingOf(alice)).toMatchObject({ tokens: amount, held: amount })
  })

  test('is asked back of gateways as soon as it is held', async () => {
    await attest('one', alice)
    await credit()
    const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
    await postUsage(
      database,
      postOf(epoch, { leases: [claimOf(alice, { wants: 400 })] }),
      termsOf(),
    )
    const recalls = () => listRecalls(database.sql, epoch, nowMs)
    expect(await recalls()).toEqual([])
    const held = { account: alice, asset: 'ankr' } as const
    await setHeld(database.sql, held, { held: 1n, nowMs })
    expect(await recalls()).toEqual([{ account: alice, key: '' }])
    // What is not asked out any more ends no wish of somebody else's.
    await setHeld(database.sql, held, { held: 0n, nowMs })
    expect(await recalls()).toEqual([{ account: alice, key: '' }])
  })

  test('is held no longer once its payment is in the books, whatever happens next', async () => {
    await attest('deposit', alice)
    await credit()
    await setHeld(database.sql, { account: alice, asset: 'ankr' }, { held: amount, nowMs })
    const transactionHash = hashNamed('deposit')
    await note([
      eventOf(alice, 'deposit', { transactionHash }),
      eventOf(alice, 'withdraw', { blockNumber: 11n, amount: 400n }),
    ])
    await book()
    await book()
    expect(await listUnbookedWithdrawals(database.sql, alice)).toEqual([])
    expect(await holdingOf(alice)).toMatchObject({ tokens: 600n, held: 600n })
  })
})

describe('events', () => {
  test('that wait for a deposit hold up nobody else', async () => {
    await attest('deposit', alice)
    await credit()
    await note([
      eventOf(bob, 'deposit'),
      eventOf(alice, 'deposit', { blockNumber: 11n, transactionHash: hashNamed('deposit') }),
      eventOf(alice, 'withdraw', { blockNumber: 12n }),
    ])
    const booked = [...(await book(1)), ...(await book(1)), ...(await book(1))]
    expect(booked.map(({ event: { kind, account } }) => [kind, account])).toEqual([
      ['deposit', alice],
      ['withdraw', alice],
    ])
  })

  test('deposits that wait for a rate hold up no others', async () => {
    await attest('ankr', alice, { block: 5 })
    await attest('usd', bob, { asset: 'usd' })
    const first = await listOpenDeposits(database.sql, chainId, 1)
    expect(first.map(({ account }) => account)).toEqual([bob])
  })
})

test('a deposit that turned out to be none is not forgotten before the books have taken it back', async () => {
  await attest('none', alice, { state: 'attested-capped' })
  await credit()
  await attest('none', alice, { state: 'refused' })
  await dropRefusedBefore(database.sql, nowMs + dayMs)
  await credit()
  expect(await holdingOf(alice)).toMatchObject({ tokens: 0n, credits: 0n })
  await dropRefusedBefore(database.sql, nowMs + dayMs)
  expect(await database.sql`select from deposits`).toBeEmpty()
})

describe('what is compared with the chain', () => {
  const compared = async () =>
    (await readMirror(database, 100))?.accounts.map(({ account, expected }) => [account, expected])

  test('is everybody of whom nothing is on its way, at the newest block in the books', async () => {
    expect(await compared()).toBeUndefined()
    await attest('deposit', alice)
    await credit()
    await note([eventOf(alice, 'deposit', { transactionHash: hashNamed('deposit') })])
    expect(await compared()).toEqual([])
    await book()
    expect(await readMirror(database, 100)).toEqual({
      blockNumber: 20n,
      accounts: [{ account: alice, asset: 'ankr', expected: amount }],
    })
    await attest('another', alice, { block: 21 })
    await credit()
    expect(await compared()).toEqual([])
  })

  for (const state of ['final', 'attested-capped'] as const) {
    test(`is who has credits of a deposit, ${state}, that the chain does not have`, async () => {
      await attest('forged', alice, { state })
      await credit()
      await note([])
      const credited = state === 'final' ? amount : amount / 10n
      expect(await compared()).toEqual([[alice, credited]])
    })
  }
})
