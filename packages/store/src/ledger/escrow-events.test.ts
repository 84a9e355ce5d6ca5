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
  tellSeenDeposit,
} from '../deposits.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, bob, dayMs, hashNamed, nowMs, storeOn } from '../store.fixtures.ts'
import { holdAskedOut } from './asked-out.ts'
import { checkBooks } from './check.ts'
import { bookDeposit, listOpenDeposits } from './credit.ts'
import { beginEpoch } from './epochs.ts'
import {
  bookEscrowEvents,
  type EscrowEvent,
  listUntoldDeposits,
  noteFinalBlocks,
  setHeld,
} from './escrow-events.ts'
import { listHoldings } from './holdings.ts'
import { claimOf, lineOf, postOf, termsOf } from './ledger.fixtures.ts'
import { markMirrored, readMirror } from './mirror.ts'
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

type Facts = { state?: DepositState; block?: number; asset?: Asset; inBlock?: string }

/** What verifiers have attested of a deposit of `amount` that is called so. */
async function attest(
  name: string,
  account: string,
  { state = 'final', block = 10, asset = 'ankr', inBlock = 'block' }: Facts = {},
): Promise<void> {
  const place = { chainId, transactionHash: hashNamed(name), logIndex: 2 }
  const told = await tellDeposit(database.sql, account, { place, nowMs })
  const credited = { final: amount, 'attested-capped': amount / 10n }[String(state)] ?? 0n
  const finding = {
    ...{ state, amount, credited, asset, life: 0, refusal: null },
    ...{ confirmations: null, confirmationsNeeded: null },
    ...{ blockNumber: block, blockHash: hashNamed(inBlock) },
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
    expect(await holdingOf(alice)).toMatchObject({ tokens: 600n, held: 600n })
  })
})

describe('what is asked out and what is paid of it', () => {
  const owner = { account: alice, asset: 'ankr' } as const
  const paid = (block: bigint) => eventOf(alice, 'withdraw', { blockNumber: block, amount: 400n })
  const holdAt = (blockNumber: bigint, withdrawing: bigint, own: EscrowEvent[] = []) =>
    holdAskedOut(database, { ...owner, blockNumber, withdrawing, paid: own }, nowMs)
  const heldNow = async () => (await holdingOf(alice))?.held
  beforeEach(async () => {
    await attest('deposit', alice)
    await credit()
    await note([eventOf(alice, 'deposit', { transactionHash: hashNamed('deposit') })], 10n)
    await book()
  })

  test('are of one block: a payment counts until it is booked, wherever it stands meanwhile', async () => {
    await holdAt(11n, 400n)
    expect(await heldNow()).toBe(400n)
    await holdAt(12n, 0n, [paid(12n)])
    expect(await heldNow()).toBe(400n)
    await note([paid(12n)])
    // Whoever has not heard yet that it is noted names it as well.
    await holdAt(13n, 0n, [paid(12n)])
    expect(await heldNow()).toBe(400n)
    await holdAt(13n, 0n)
    expect(await heldNow()).toBe(400n)
    await book()
    expect(await holdingOf(alice)).toMatchObject({ tokens: 600n, held: 0n })
    await holdAt(13n, 0n, [paid(12n)])
    expect(await heldNow()).toBe(0n)
  })

  test('stay as they are when somebody who is behind looks', async () => {
    await note([paid(12n)])
    await holdAt(12n, 0n)
    await book()
    await holdAt(11n, 400n)
    expect(await heldNow()).toBe(0n)
  })
})

describe('final deposits that are not in the books', () => {
  const untold = async () => {
    const found = await listUntoldDeposits(database.sql, { chainId, countMax: 10 })
    return found.map(({ account }) => account)
  }
  const transactionHash = hashNamed('d')
  const place = { chainId, transactionHash, logIndex: 2 }
  const tellSeen = () => tellSeenDeposit(database.sql, alice, { place, nowMs })

  test('are told again until they are, whoever told of them before', async () => {
    await note([eventOf(alice, 'deposit', { transactionHash })])
    expect(await untold()).toEqual([alice])
    await tellDeposit(database.sql, alice, { place, nowMs })
    // Among those that anyone may have made up it might wait for ever.
    expect(await untold()).toEqual([alice])
    await tellSeen()
    expect(await untold()).toEqual([])
    // Verifiers refused it for a day, or nobody has seen it for a week.
    await database.sql`update deposits set state = 'refused', next_check_at = null, checks = 40`
    await note([eventOf(bob, 'deposit', { blockNumber: 11n })])
    expect(await untold()).toEqual([bob, alice])
    await tellSeen()
    expect(await untold()).toEqual([bob])
    await attest('d', alice)
    expect(await untold()).toEqual([bob])
    await credit()
    await book()
    expect(await untold()).toEqual([bob])
  })
})

describe('a deposit that a fork has moved', () => {
  const credited = (credits: bigint) => ({ credits, rate: undefined, nowMs })
  /** Books it at so many credits for a token. */
  async function creditAt(rate: bigint) {
    for (const open of await listOpenDeposits(database.sql, chainId, 100)) {
      expect(await bookDeposit(database, open, credited(open.attested * rate))).toBeTrue()
    }
  }
  const sound = async () => expect(await checkBooks(database)).toEqual([])

  test('forgets the rate of the block that it is not in any more', async () => {
    await attest('one', alice, { state: 'attested-capped' })
    const [open] = await listOpenDeposits(database.sql, chainId, 100)
    const rate = { usdPerAnkr: 5n, discountPpm: 7n }
    await bookDeposit(database, open!, { credits: 1_000n, rate, nowMs })
    expect(await listOpenDeposits(database.sql, chainId, 100)).toEqual([])
    await attest('one', alice)
    const same = await listOpenDeposits(database.sql, chainId, 100)
    expect(same.map(({ booked }) => booked.rate)).toEqual([rate])
    await attest('one', alice, { inBlock: 'another' })
    const moved = await listOpenDeposits(database.sql, chainId, 100)
    expect(moved.map(({ booked }) => booked.rate)).toEqual([undefined])
    expect(moved[0]?.blockHash).toBe(hashNamed('another'))
  })

  test('is booked anew though as much is attested as before', async () => {
    await attest('one', alice, { state: 'attested-capped' })
    await creditAt(10n)
    await attest('one', alice, { state: 'attested-capped', inBlock: 'another' })
    await creditAt(3n)
    expect(await holdingOf(alice)).toMatchObject({ tokens: 100n, credits: 300n })
    expect(await listOpenDeposits(database.sql, chainId, 100)).toEqual([])
    await sound()
  })

  test('and is worth less than a tenth was stays charged for what was used, and takes back the rest', async () => {
    await attest('one', alice, { state: 'attested-capped' })
    await creditAt(100n)
    const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
    await postUsage(
      database,
      postOf(epoch, { leases: [claimOf(alice, { wants: 1_000 })] }),
      termsOf(),
    )
    const usage = [lineOf(alice, { credits: 1_000 })]
    await postUsage(database, postOf(epoch, { to: 1, usage }), termsOf())
    expect(await holdingOf(alice)).toMatchObject({ tokens: 90n, credits: 9_000n, accrued: 10n })
    await attest('one', alice, { inBlock: 'another' })
    await creditAt(5n)
    // 1,000 tokens at 5 credits, of which 1,000 credits are used.
    const after = { tokens: 990n, credits: 4_000n, accrued: 10n }
    expect(await holdingOf(alice)).toMatchObject(after)
    await sound()
  })

  test('into the other escrow is taken back here, and then given there', async () => {
    await attest('one', alice, { state: 'attested-capped' })
    await creditAt(10n)
    await attest('one', alice, { asset: 'usd', inBlock: 'another' })
    await creditAt(10n)
    expect(await holdingOf(alice)).toMatchObject({ asset: 'ankr', tokens: 0n, credits: 0n })
    await creditAt(20n)
    const holdings = await listHoldings(database.sql, alice)
    expect(holdings.map(({ asset, tokens, credits }) => [asset, tokens, credits])).toEqual([
      ['ankr', 0n, 0n],
      ['usd', 1_000n, 20_000n],
    ])
    expect(await listOpenDeposits(database.sql, chainId, 100)).toEqual([])
    await sound()
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

  test('is who was not for longest, and who is wanted beside them', async () => {
    for (const account of [alice, bob]) {
      await attest(`deposit of ${account}`, account)
      await credit()
    }
    await note([])
    const wanted = { account: alice, asset: 'ankr' } as const
    const named = async (...all: (typeof wanted)[]) =>
      (await readMirror(database, 1, all))?.accounts.map(({ account }) => account)
    await markMirrored(database.sql, [wanted], nowMs)
    expect(await named()).toEqual([bob])
    expect(await named(wanted)).toEqual([alice, bob])
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
