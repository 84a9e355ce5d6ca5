import {
  apply,
  escrowOf,
  type Holding,
  type Moved,
  withdraw,
} from '@mooring/market/metering/holding'
import type { TokenAmount } from '@mooring/protocol/units'
import { bigintOf, hashBytes, hashText, timeOf } from '../columns.ts'
import type { Database, Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { writeJournal } from './journal.ts'
import { lockHolding, saveHolding } from './positions.ts'

/** What the escrows did, as the chain says it and no fork undoes any more: read once, booked once. */

export type EscrowEvent = {
  blockNumber: bigint
  logIndex: number
  transactionHash: `0x${string}`
  account: string
  asset: Asset
  kind: 'deposit' | 'charge' | 'withdraw'
  amount: TokenAmount
  /** Of the account when it happened: one that is emptied has the next one afterwards. */
  life: bigint
}

export type ChainPlace = { number: bigint; hash: `0x${string}` }

const recallMs = 5_000

/** How far the chain was read; undefined before the first time. */
export async function readChainCursor(queries: Queries): Promise<ChainPlace | undefined> {
  const [row] = await queries<{ block_number: string; block_hash: Uint8Array }[]>`
    select block_number, block_hash from chain_cursor`
  if (row === undefined) return undefined
  return { number: BigInt(row.block_number), hash: hashText(row.block_hash) }
}

/** Notes what final blocks held, with how far they go: all or nothing, and nothing twice. */
export async function noteFinalBlocks(
  database: Database,
  { to, events, rates }: { to: ChainPlace; events: EscrowEvent[]; rates: PostedRate[] },
): Promise<void> {
  await database.transact(async (queries) => {
    for (const event of events) {
      await queries`
        insert into escrow_events (block_number, log_index, transaction_hash, account, asset, kind, amount, life)
        values (${event.blockNumber}, ${event.logIndex}, ${hashBytes(event.transactionHash)}, ${event.account}, ${event.asset}, ${event.kind},
          ${event.amount}, ${event.life})
        on conflict do nothing`
    }
    await noteRates(queries, rates)
    await queries`
      insert into chain_cursor (block_number, block_hash) values (${to.number}, ${hashBytes(to.hash)})
      on conflict (single) do update set block_number = excluded.block_number, block_hash = excluded.block_hash
      where chain_cursor.block_number < excluded.block_number`
  })
}

export type PostedRate = {
  blockNumber: bigint
  logIndex: number
  /** Times 1e18. */
  usdPerAnkr: bigint
  postedAtMs: number
}

export async function noteRates(queries: Queries, rates: readonly PostedRate[]): Promise<void> {
  for (const { blockNumber, logIndex, usdPerAnkr, postedAtMs } of rates) {
    await queries`
      insert into rates (block_number, log_index, usd_per_ankr, posted_at)
      values (${blockNumber}, ${logIndex}, ${usdPerAnkr}, ${timeOf(postedAtMs)}) on conflict do nothing`
  }
}

/** Rates in the order of the chain. */
export async function listRates(queries: Queries): Promise<PostedRate[]> {
  const rows = await queries<
    { block_number: string; log_index: number; usd_per_ankr: string; posted_at: Date }[]
  >`select * from rates order by block_number, log_index`
  return rows.map((row) => ({
    blockNumber: BigInt(row.block_number),
    logIndex: row.log_index,
    usdPerAnkr: BigInt(row.usd_per_ankr),
    postedAtMs: row.posted_at.getTime(),
  }))
}

export type BookedEvent = { event: EscrowEvent; missing: TokenAmount }

/**
 * Books events that were noted, those of an account in order. A deposit needs nothing here: what verifiers attest of it
 * is booked elsewhere. But what comes after it waits until that is done, or the books would not know what was paid out.
 *
 * @returns What was booked, with tokens that the books cannot explain.
 */
export async function bookEscrowEvents(
  database: Database,
  { chainId, nowMs, countMax }: { chainId: number; nowMs: number; countMax: number },
): Promise<BookedEvent[]> {
  // Those that must wait are left out before any are counted, or enough of them would hold up everybody.
  const rows = await database.sql<EventRow[]>`
    select * from (
      select distinct on (account, asset) * from escrow_events where booked_at is null
      order by account, asset, block_number, log_index
    ) as escrow_events where ${isDue(database.sql, chainId)}
    order by account, asset limit ${countMax}`
  const booked: BookedEvent[] = []
  for (const row of rows) {
    const event = eventOf(row)
    const missing = await bookEvent(database, event, { chainId, nowMs })
    if (missing !== undefined) booked.push({ event, missing })
  }
  return booked
}

/** @returns Undefined where it must wait, or was booked meanwhile. */
async function bookEvent(
  database: Database,
  event: EscrowEvent,
  { chainId, nowMs }: { chainId: number; nowMs: number },
): Promise<TokenAmount | undefined> {
  const { account, asset, blockNumber, logIndex } = event
  return await database.transact(async (queries) => {
    const before = await lockHolding(queries, account, asset)
    const marked = await queries`
      update escrow_events set booked_at = ${timeOf(nowMs)}
      where block_number = ${blockNumber} and log_index = ${logIndex} and booked_at is null
        and ${isDue(queries, chainId)}`
    if (marked.count === 0) return undefined
    const moved = movedBy(event, before)
    await saveHolding(queries, { account, asset, holding: moved.holding })
    const bookings = moved.moves.map((move) => ({ account, asset, move }))
    const cause = `chain ${chainId} ${blockNumber} ${logIndex}`
    await writeJournal(queries, { cause, nowMs }, bookings)
    return moved.missing
  })
}

/** Of `escrow_events`: it is no deposit, or one of which all is credited. */
export function isDue(queries: Queries, chainId: number) {
  return queries`(kind <> 'deposit' or exists (
    select from deposits
    where chain_id = ${chainId} and deposits.transaction_hash = escrow_events.transaction_hash
      and deposits.log_index = escrow_events.log_index and deposits.account = escrow_events.account
      and state = 'final' and credited = booked))`
}

/** Of `escrow_events`: all that came into the account in its life has gone out of it again, and a payment ended it. */
export function isOver(queries: Queries) {
  return queries`(
    select sum(case kind when 'deposit' then amount::numeric else -amount::numeric end) = 0
      and (array_agg(kind order by block_number desc, log_index desc))[1] = 'withdraw'
    from escrow_events as own
    where own.account = escrow_events.account and own.asset = escrow_events.asset and own.life = escrow_events.life)`
}

function movedBy(
  { kind, amount, life }: EscrowEvent,
  before: Holding,
): Moved & { missing: TokenAmount } {
  switch (kind) {
    case 'deposit': {
      const isNewLife = life > before.life
      const holding = isNewLife ? { ...before, life, spent: 0n } : before
      return { holding, moves: [], missing: 0n }
    }
    case 'charge':
      return apply(before, amount)
    case 'withdraw': {
      const isEmptied = amount >= escrowOf(before)
      return withdraw(before, { tokens: amount, life: isEmptied ? life + 1n : life })
    }
  }
}

/** Of whom something is held, for whoever did not see what has become of it. */
export async function listHeld(queries: Queries): Promise<{ account: string; asset: Asset }[]> {
  const rows = await queries<{ account: string; asset: Asset }[]>`
    select account, asset from holdings where held > 0 order by account, asset`
  return [...rows]
}

/**
 * Sets what an owner has asked out and was not paid, so that it is not leased any more; also of an account whose first
 * deposit is not credited yet.
 */
export async function setHeld(
  queries: Queries,
  { account, asset }: { account: string; asset: Asset },
  { held, nowMs }: { held: TokenAmount; nowMs: number },
): Promise<void> {
  // In one step, so that nobody sees what is held without asking it back.
  const recallUntil = held > 0n ? timeOf(nowMs + recallMs) : null
  await queries`
    insert into holdings (account, asset, held, recall_until)
    select ${account}::text, ${asset}::text, ${held}::numeric, ${recallUntil}::timestamptz
    where ${held}::numeric > 0 or exists (select from holdings where account = ${account} and asset = ${asset})
    on conflict (account, asset) do update
      set held = excluded.held, recall_until = coalesce(excluded.recall_until, holdings.recall_until)
      where holdings.held <> excluded.held`
}

/** A deposit that is final on chain and not in the books, or not wholly. */
export type UncreditedDeposit = Pick<EscrowEvent, 'account' | 'transactionHash' | 'logIndex'>

/**
 * Final deposits that are not in the books and that nobody is asked about any more, or was never told of; those first
 * that were looked at least often.
 */
export async function listUntoldDeposits(
  queries: Queries,
  { chainId, countMax }: { chainId: number; countMax: number },
): Promise<UncreditedDeposit[]> {
  const rows = await queries<EventRow[]>`
    select escrow_events.* from escrow_events
      left join deposits on chain_id = ${chainId} and deposits.transaction_hash = escrow_events.transaction_hash
        and deposits.log_index = escrow_events.log_index and deposits.account = escrow_events.account
    where kind = 'deposit' and booked_at is null
      and (deposits.id is null or state <> 'final' and (next_check_at is null or not is_seen))
    order by coalesce(checks, 0), escrow_events.block_number, escrow_events.log_index limit ${countMax}`
  return rows.map(eventOf)
}

/** How many deposits are final on chain and not in the books yet. */
export async function countUncredited(queries: Queries): Promise<number> {
  const [row] = await queries<{ count: number }[]>`
    select count(*)::int as count from escrow_events where kind = 'deposit' and booked_at is null`
  return row?.count ?? 0
}

/**
 * Deposits on chain of which verifiers have not said everything yet, by account: they are not in the books. Without those
 * that were withdrawn before.
 */
export async function listUnbookedDeposits(
  queries: Queries,
): Promise<{ account: string; asset: Asset; amount: TokenAmount; sinceBlock: bigint }[]> {
  const rows = await queries<
    { account: string; asset: Asset; amount: string; since_block: string }[]
  >`
    select escrow_events.account, escrow_events.asset,
      sum(escrow_events.amount - coalesce(booked, 0)) as amount, min(escrow_events.block_number) as since_block
    from escrow_events
      left join deposits on deposits.transaction_hash = escrow_events.transaction_hash
        and deposits.log_index = escrow_events.log_index and deposits.account = escrow_events.account
    where kind = 'deposit' and escrow_events.amount <> coalesce(booked, 0)
      and not (booked_at is not null and coalesce(booked, 0) = 0 and ${isOver(queries)})
    group by escrow_events.account, escrow_events.asset`
  return rows.map(({ account, asset, amount, since_block }) => ({
    ...{ account, asset, amount: BigInt(amount), sinceBlock: BigInt(since_block) },
  }))
}

export type EventRow = {
  block_number: string
  log_index: number
  transaction_hash: Uint8Array
  account: string
  asset: Asset
  kind: EscrowEvent['kind']
  amount: string
  life: string
}

export function eventOf(row: EventRow): EscrowEvent {
  const { account, asset, kind } = row
  return {
    ...{ account, asset, kind, logIndex: row.log_index },
    blockNumber: BigInt(row.block_number),
    transactionHash: hashText(row.transaction_hash),
    amount: bigintOf(row.amount),
    life: BigInt(row.life),
  }
}
