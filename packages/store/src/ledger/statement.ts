import type { Credits, Verb } from '@mooring/market/metering/holding'
import type { TokenAmount } from '@mooring/protocol/units'
import { msOf, timeOf } from '../columns.ts'
import type { Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'
import type { AssetHolding } from './holdings.ts'
import { hourOf } from './hours.ts'
import { type HoldingRow, holdingOf } from './positions.ts'

/** What the books say of one account, for those who own it. */

export type Statement = {
  assets: AssetStatement[]
  /** Served, and nothing was left to charge it to. */
  uncollected: Credits
}

/** `periodUsed`: in the charge period `period`, in which something was posted last. */
export type AssetStatement = AssetHolding & { period: bigint; periodUsed: TokenAmount }

/** In the order in which assets are used up. Empty for an account that nothing was booked for. */
export async function readStatement(queries: Queries, account: string): Promise<Statement> {
  const rows = await queries<HoldingRow[]>`
    select * from holdings where account = ${account} order by asset`
  const [row] = await queries<{ credits: string }[]>`
    select coalesce(sum(credits), 0) as credits from uncollected where account = ${account}`
  return {
    assets: rows.map((row) => ({
      ...{ asset: row.asset, ...holdingOf(row) },
      ...{ period: BigInt(row.period), periodUsed: BigInt(row.period_used) },
    })),
    uncollected: BigInt(row?.credits ?? 0),
  }
}

/** One line of the books of an account. */
export type BookedMove = {
  id: bigint
  /** Of what grows: when its hour began. */
  atMs: number
  asset: Asset
  verb: Verb
  tokens: TokenAmount
  credits: Credits
  /** The name of what caused it: `period 41200 epoch 12` of all that was charged in one hour of that charge period and epoch. */
  cause: string
}

export type MoveFilter = {
  account: string
  fromMs: number
  /** Not that moment itself. */
  toMs: number
  verb?: Verb | undefined
}

/**
 * Moves as they are now: that of an hour that is open still grows, in its place.
 *
 * @param before - The last move of the page before.
 * @returns At most `countMax`, newest first.
 */
export async function listMoves(
  queries: Queries,
  { account, fromMs, toMs, verb = undefined }: MoveFilter,
  { before, countMax }: { before: bigint | undefined; countMax: number },
): Promise<BookedMove[]> {
  const rows = await queries<MoveRow[]>`
    select id, at, asset, verb, tokens, credits, cause from moves
    where account = ${account} and (${before ?? null}::bigint is null or id < ${before ?? null}::bigint)
      and book_hour >= ${hourOf(fromMs)} and at >= ${timeOf(fromMs)} and at < ${timeOf(toMs)}
      and (${verb ?? null}::text is null or verb = ${verb ?? null})
    order by id desc limit ${countMax}`
  return rows.map(({ id, at, asset, verb, tokens, credits, cause }) => ({
    ...{ id: BigInt(id), atMs: msOf(at), asset, verb, cause },
    ...{ tokens: BigInt(tokens), credits: BigInt(credits) },
  }))
}

type MoveRow = {
  id: string
  at: Date
  asset: Asset
  verb: Verb
  tokens: string
  credits: string
  cause: string
}
