import { amend, type Credits } from '@mooring/market/metering/holding'
import type { TokenAmount } from '@mooring/protocol/units'
import { bigintOf, hashBytes, hashText } from '../columns.ts'
import type { Database, Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { writeJournal } from './journal.ts'
import { lockHolding, recallLeases, saveHolding } from './positions.ts'

/** Deposits become credits: what verifiers attest is what is booked, no more and no less. */

/** A deposit of which something else is attested than is in the books: another amount, or another block. */
export type OpenDeposit = {
  id: string
  account: string
  asset: Asset
  blockNumber: bigint
  blockHash: `0x${string}`
  /** What is attested, in base units: a part while its block is not final, nothing once it is gone. */
  attested: TokenAmount
  /** Of what was attested: changes with it. */
  revision: number
  booked: {
    tokens: TokenAmount
    credits: Credits
    /** Undefined where its block is another one now: a deposit has the rate of its block. */
    rate: Rate | undefined
    times: number
  }
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
    select * from deposits where chain_id = ${chainId}
      and (credited <> booked or booked > 0 and booked_block <> block_hash)
    order by asset = 'ankr' and credited > 0 and (usd_per_ankr is null or booked_block <> block_hash),
      block_number, log_index
    limit ${countMax}`
  return rows.flatMap((row) => openOf(row) ?? [])
}

/**
 * Books what is attested of a deposit now. Credits are counted of all of it together, so that it makes no difference
 * whether it came in one part or in two, nor which block it was in before.
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
    const { holding, moves } = amend(before, change)
    await saveHolding(queries, { account, asset, holding })
    const times = booked.times + 1
    const bookings = moves.map((move) => ({ account, asset, move }))
    await writeJournal(queries, { cause: `deposit ${id} ${times}`, nowMs }, bookings)
    await queries`
      update deposits set booked = ${attested}, booked_credits = ${credits}, booked_times = ${times},
        booked_asset = ${attested > 0n ? asset : null},
        booked_block = ${attested > 0n ? hashBytes(open.blockHash) : null},
        usd_per_ankr = ${rate?.usdPerAnkr ?? null}, discount_ppm = ${rate?.discountPpm ?? null}
      where id = ${id}`
    if (change.tokens < 0n || change.credits < 0n)
      await recallLeases(queries, [account], nowMs + recallMs)
    return true
  })
}

async function isStill(queries: Queries, { id, revision, booked }: OpenDeposit): Promise<boolean> {
  const [row] = await queries<{ revision: number; booked_times: number }[]>`
    select revision, booked_times from deposits where id = ${id} for update`
  return row?.booked_times === booked.times && row.revision === revision
}

type OpenRow = {
  id: string
  account: string
  asset: Asset | null
  block_number: string | null
  block_hash: Uint8Array | null
  credited: string
  revision: number
  booked: string
  booked_credits: string
  booked_times: number
  booked_asset: Asset | null
  booked_block: Uint8Array | null
  usd_per_ankr: string | null
  discount_ppm: number | null
}

/**
 * Undefined for one of which no block was ever known: nothing can be attested of it. Of one that a fork has moved into
 * the other escrow nothing is attested where it was; what it is now is booked once that is taken back.
 */
function openOf(row: OpenRow): OpenDeposit | undefined {
  const { id, account, asset: now, revision } = row
  if (now === null || row.block_number === null || row.block_hash === null) return undefined
  const asset = row.booked_asset ?? now
  const blockHash = hashText(row.block_hash)
  const isMoved = row.booked_block !== null && hashText(row.booked_block) !== blockHash
  const rate = isMoved ? undefined : rateOf(row)
  return {
    ...{ id, account, asset, revision, blockHash },
    attested: asset === now ? BigInt(row.credited) : 0n,
    blockNumber: BigInt(row.block_number),
    booked: {
      ...{ rate, times: row.booked_times },
      ...{ tokens: BigInt(row.booked), credits: BigInt(row.booked_credits) },
    },
  }
}

function rateOf({ usd_per_ankr, discount_ppm }: OpenRow): Rate | undefined {
  const usdPerAnkr = bigintOf(usd_per_ankr)
  return usdPerAnkr === null ? undefined : { usdPerAnkr, discountPpm: BigInt(discount_ppm ?? 0) }
}
