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
  booked: { tokens: TokenAmount; credits: Credits; rate: Rate | undefined; revision: number }
}

/** What ANKR were credited by: USD per ANKR times 1e18, and the discount. */
export type Rate = { usdPerAnkr: bigint; discountPpm: bigint }

const recallMs = 5_000

export async function listOpenDeposits(
  queries: Queries,
  chainId: number,
  countMax: number,
): Promise<OpenDeposit[]> {
  const rows = await queries<OpenRow[]>`
    select deposits.id, account, asset, block_number, credited, tokens, credits, usd_per_ankr,
      discount_ppm, coalesce(booked_deposits.revision, 0) as revision
    from deposits left join booked_deposits on deposit_id = deposits.id
    where chain_id = ${chainId} and credited <> coalesce(tokens, 0)
    order by block_number, log_index limit ${countMax}`
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
    const revision = booked.revision + 1
    const bookings = moves.map((move) => ({ account, asset, move }))
    await writeJournal(queries, { cause: `deposit ${id} ${revision}`, nowMs }, bookings)
    await queries`
      insert into booked_deposits (deposit_id, tokens, credits, usd_per_ankr, discount_ppm, revision)
      values (${id}, ${attested}, ${credits}, ${rate?.usdPerAnkr ?? null}, ${rate?.discountPpm ?? null}, ${revision})
      on conflict (deposit_id) do update set tokens = excluded.tokens, credits = excluded.credits,
        usd_per_ankr = excluded.usd_per_ankr, discount_ppm = excluded.discount_ppm, revision = excluded.revision`
    if (change.tokens < 0n) await recallLeases(queries, [account], nowMs + recallMs)
    return true
  })
}

async function isStill(queries: Queries, { id, attested, booked }: OpenDeposit): Promise<boolean> {
  const [row] = await queries<{ credited: string; revision: number }[]>`
    select credited, coalesce(booked_deposits.revision, 0) as revision
    from deposits left join booked_deposits on deposit_id = deposits.id
    where deposits.id = ${id} for update of deposits`
  return row?.revision === booked.revision && BigInt(row.credited) === attested
}

type OpenRow = {
  id: string
  account: string
  asset: Asset | null
  block_number: string | null
  credited: string
  tokens: string | null
  credits: string | null
  usd_per_ankr: string | null
  discount_ppm: number | null
  revision: number
}

/** Undefined for one of which no block was ever known: nothing can be attested of it. */
function openOf(row: OpenRow): OpenDeposit | undefined {
  const { id, account, asset, revision } = row
  if (asset === null || row.block_number === null) return undefined
  const usdPerAnkr = bigintOf(row.usd_per_ankr)
  const rate =
    usdPerAnkr === null ? undefined : { usdPerAnkr, discountPpm: BigInt(row.discount_ppm ?? 0) }
  return {
    ...{ id, account, asset, attested: BigInt(row.credited) },
    blockNumber: BigInt(row.block_number),
    booked: {
      ...{ rate, revision, tokens: BigInt(row.tokens ?? 0), credits: BigInt(row.credits ?? 0) },
    },
  }
}
