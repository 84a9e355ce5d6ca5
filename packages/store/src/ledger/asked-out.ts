import type { TokenAmount } from '@mooring/protocol/units'
import type { Database, Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { type EscrowEvent, setHeld } from './escrow-events.ts'
import { arrayOf } from './positions.ts'

/** What an owner has asked out, as of one block. */
export type AskedOut = {
  account: string
  asset: Asset
  /** Asked out at the end of the block, and not paid by then. */
  withdrawing: TokenAmount
  blockNumber: bigint
  /** Payments to it in blocks up to this one that are not final, and so not noted yet. */
  paid: readonly EscrowEvent[]
}

/**
 * Holds what an owner has asked out up to a block: what is not paid by then, and what is paid and not in the books yet.
 * Both are of the same block, and what is booked meanwhile counts once, for the books of the account stand still here.
 * Does nothing where a later payment is noted already: whoever noted it has looked at a later block.
 */
export async function holdAskedOut(
  database: Database,
  asked: AskedOut,
  nowMs: number,
): Promise<void> {
  const { account, asset, withdrawing } = asked
  await database.transact(async (queries) => {
    await queries`select from holdings where account = ${account} and asset = ${asset} for update`
    const unbooked = await unbookedPayments(queries, asked)
    if (unbooked === undefined) return
    await setHeld(queries, { account, asset }, { held: withdrawing + unbooked, nowMs })
  })
}

async function unbookedPayments(
  queries: Queries,
  { account, asset, blockNumber, paid }: AskedOut,
): Promise<TokenAmount | undefined> {
  const column = (value: (event: EscrowEvent) => unknown) =>
    arrayOf(
      queries,
      paid.map((event) => String(value(event))),
    )
  const [row] = await queries<{ unbooked: string; is_old: boolean }[]>`
    with noted as (
      select * from escrow_events where account = ${account} and asset = ${asset} and kind = 'withdraw'
        and (booked_at is null or block_number > ${blockNumber})
    ), open as (
      select block_number::bigint, log_index::int, amount::numeric
      from unnest(${column((event) => event.blockNumber)}::text[], ${column(({ logIndex }) => logIndex)}::text[],
        ${column(({ amount }) => amount)}::text[]) as given (block_number, log_index, amount)
      where not exists (
        select from escrow_events where escrow_events.block_number = given.block_number::bigint
          and escrow_events.log_index = given.log_index::int)
    )
    select exists (select from noted where block_number > ${blockNumber}) as is_old,
      coalesce((select sum(amount) from noted), 0) + coalesce((select sum(amount) from open), 0) as unbooked`
  return row === undefined || row.is_old ? undefined : BigInt(row.unbooked)
}
