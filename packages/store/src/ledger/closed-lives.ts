import { least, most } from '@mooring/market/economy/money/mul-div'
import { apply, withdraw } from '@mooring/market/metering/holding'
import type { TokenAmount } from '@mooring/protocol/units'
import { hashBytes, timeOf } from '../columns.ts'
import type { Database, Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { type EscrowEvent, type EventRow, eventOf, isDue, isOver } from './escrow-events.ts'
import { writeJournal } from './journal.ts'
import { lockHolding, saveHolding } from './positions.ts'

/**
 * Lives of accounts that ended before verifiers had attested all that was deposited in them. Verifiers attest nothing that
 * was withdrawn, so the deposit will never be in the books, and what comes after it must not wait for it.
 */

/** `unattested`: deposited, never credited and paid out again. */
export type ClosedLife = { account: string; asset: Asset; life: bigint; unattested: TokenAmount }

type Terms = { chainId: number; nowMs: number; countMax: number }

/** Books lives that are over and begin, of what is not booked, with a deposit that nobody has credited. */
export async function bookClosedLives(database: Database, terms: Terms): Promise<ClosedLife[]> {
  const rows = await database.sql<EventRow[]>`
    select * from (
      select distinct on (account, asset) * from escrow_events where booked_at is null
      order by account, asset, block_number, log_index
    ) as escrow_events where ${isUncredited(database.sql, terms.chainId)} and ${isOver(database.sql)}
    order by account, asset limit ${terms.countMax}`
  const booked: ClosedLife[] = []
  for (const row of rows) {
    const closed = await bookLife(database, eventOf(row), terms)
    if (closed !== undefined) booked.push(closed)
  }
  return booked
}

/**
 * Books what is left of a life at once: what nobody credited is nothing that anybody is owed, and what it was paid out by
 * takes nothing from what was.
 *
 * @returns Undefined where somebody else did meanwhile, or where another deposit of that life is to be credited first.
 */
async function bookLife(
  database: Database,
  { account, asset, life }: EscrowEvent,
  { chainId, nowMs }: Terms,
): Promise<ClosedLife | undefined> {
  return await database.transact(async (queries) => {
    let holding = await lockHolding(queries, account, asset)
    const rows = await queries<(EventRow & { is_due: boolean; is_uncredited: boolean })[]>`
      select *, ${isDue(queries, chainId)} as is_due, ${isUncredited(queries, chainId)} as is_uncredited
      from escrow_events
      where account = ${account} and asset = ${asset} and life = ${life} and booked_at is null
      order by block_number, log_index`
    if (!rows.every((row) => row.is_due || row.is_uncredited)) return undefined
    const never = rows.filter((row) => row.is_uncredited).map(eventOf)
    const payments = rows.map(eventOf).filter(({ kind }) => kind === 'withdraw')
    const last = payments.at(-1)
    if (never.length === 0 || last === undefined) return undefined
    const causeOf = ({ blockNumber, logIndex }: EscrowEvent) =>
      `chain ${chainId} ${blockNumber} ${logIndex}`
    for (const event of rows.map(eventOf).filter(({ kind }) => kind === 'charge')) {
      const charged = apply(holding, event.amount)
      holding = charged.holding
      const bookings = charged.moves.map((move) => ({ account, asset, move }))
      await writeJournal(queries, { cause: causeOf(event), nowMs }, bookings)
    }
    const paid = sumOf(payments)
    // Where roots took some of it, there is so much less to be paid.
    const unattested = least(sumOf(never), paid)
    const held = most(0n, holding.held - paid)
    const moved = withdraw(holding, { tokens: paid - unattested, life: life + 1n })
    const missing = moved.holding.missing + unattested
    await saveHolding(queries, { account, asset, holding: { ...moved.holding, held, missing } })
    const bookings = moved.moves.map((move) => ({ account, asset, move }))
    await writeJournal(queries, { cause: causeOf(last), nowMs }, bookings)
    await queries`
      update escrow_events set booked_at = ${timeOf(nowMs)}
      where account = ${account} and asset = ${asset} and life = ${life} and booked_at is null`
    await askNoMore(queries, never, chainId)
    return { account, asset, life, unattested }
  })
}

/** A check that is under way has begun when it might still have been attested: it writes nothing any more. */
async function askNoMore(
  queries: Queries,
  deposits: readonly EscrowEvent[],
  chainId: number,
): Promise<void> {
  for (const { account, transactionHash, logIndex } of deposits) {
    await queries`
      update deposits set revision = revision + 1, next_check_at = null
      where chain_id = ${chainId} and account = ${account} and log_index = ${logIndex}
        and transaction_hash = ${hashBytes(transactionHash)}`
  }
}

/** Of `escrow_events`: it is a deposit of which nothing is credited, nor in the books. */
function isUncredited(queries: Queries, chainId: number) {
  return queries`(kind = 'deposit' and not exists (
    select from deposits
    where chain_id = ${chainId} and deposits.transaction_hash = escrow_events.transaction_hash
      and deposits.log_index = escrow_events.log_index and deposits.account = escrow_events.account
      and (credited > 0 or booked > 0)))`
}

function sumOf(events: readonly EscrowEvent[]): TokenAmount {
  return events.reduce((sum, { amount }) => sum + amount, 0n)
}
