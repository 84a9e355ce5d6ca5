import { type Credits, deposit, orphan } from '@mooring/market/metering/holding'
import type { TokenAmount } from '@mooring/protocol/units'
import { bigintOf } from '../columns.ts'
import type { Database, Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { writeJournal } from './journal.ts'
import { lockHolding, recallLeases, saveHolding } from './positions.ts'

/** Deposits become credits: what verifiers attest is what is booked, no more and no less. */

/** A deposit of which another amount is attested than is in the books. */
export type OpenDeposit = {
  id: string
  account: string
  asset: Asset
  blockNumber: bigint
  /** What is attested, in base units: a part while its block is not final, nothing once it is gone. */
  attested: TokenAmount
  booked: { tokens: TokenAmount; credits: Credits; rate: Rate | undefined; times: number }
}

/** What ANKR were credited by: USD per ANKR times 1e18, and the discount. */
export type Rate = { usdPerAnkr: bigint; discountPpm: bigint }

const recallMs = 5_000

/** Those that must wait for a rate come last: while there is none, they hold up only each other. */
export async function listOpenDeposits(
  queries: Queries,
  chainId: number,
  countMax: number,
): Promise<OpenDeposit[]> {
  const rows = await queries<OpenRow[]>`
    select * from deposits where chain_id = ${chainId} and credited <> booked
    order by asset = 'ankr' and credited > 0 and usd_per_ankr is null, block_number, log_index
    limit ${countMax}`
  return rows.flatMap((row) => openOf(row) ?? [])
}

/**
 * Books what is attested of a deposit now. Credits are counted of all of it together, so that it makes no difference
 * whether it came in one part or in two.
 *
 * @param credits - What all that is attested is good for, at the deposit's rate.
 * @returns Whether it did: not when somebody else did meanwhile, or what is attested has changed.
 */
export async function bookDeposit(
  database: Database,
  open: OpenDeposit,
  { credits, rate, nowMs }: { credits: Credits; rate: Rate | undefined; nowMs: number },
): Promise<boolean> {
  const { id, account, asset, attested, booked } = open
  return await database.transact(async (queries) => {
    const before = await lockHolding(queries, account, asset)
    if (!(await isStill(queries, open))) return false
    const change = { tokens: attested - booked.tokens, credits: credits - booked.credits }
    const { holding, moves } =
      change.tokens > 0n
        ? deposit(before, change)
        : orphan(before, { tokens: -change.tokens, credits: -change.credits })
    await saveHolding(queries, { account, asset, holding })
    const times = booked.times + 1
    const bookings = moves.map((move) => ({ account, asset, move }))
    await writeJournal(queries, { cause: `deposit ${id} ${times}`, nowMs }, bookings)
    await queries`
      update deposits set booked = ${attested}, booked_credits = ${credits}, booked_times = ${times},
        usd_per_ankr = ${rate?.usdPerAnkr ?? null}, discount_ppm = ${rate?.discountPpm ?? null}
      where id = ${id}`
    if (change.tokens < 0n) await recallLeases(queries, [account], nowMs + recallMs)
    return true
  })
}

async function isStill(queries: Queries, { id, attested, booked }: OpenDeposit): Promise<boolean> {
  const [row] = await queries<{ credited: string; booked_times: number }[]>`
    select credited, booked_times from deposits where id = ${id} for update`
  return row?.booked_times === booked.times && BigInt(row.credited) === attested
}

type OpenRow = {
  id: string
  account: string
  asset: Asset | null
  block_number: string | null
  credited: string
  booked: string
  booked_credits: string
  booked_times: number
  usd_per_ankr: string | null
  discount_ppm: number | null
}

/** Undefined for one of which no block was ever known: nothing can be attested of it. */
function openOf(row: OpenRow): OpenDeposit | undefined {
  const { id, account, asset } = row
  if (asset === null || row.block_number === null) return undefined
  const usdPerAnkr = bigintOf(row.usd_per_ankr)
  const rate =
    usdPerAnkr === null ? undefined : { usdPerAnkr, discountPpm: BigInt(row.discount_ppm ?? 0) }
  return {
    ...{ id, account, asset, attested: BigInt(row.credited) },
    blockNumber: BigInt(row.block_number),
    booked: {
      ...{ rate, times: row.booked_times },
      ...{ tokens: BigInt(row.booked), credits: BigInt(row.booked_credits) },
    },
  }
}
