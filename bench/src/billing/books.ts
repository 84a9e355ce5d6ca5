import { connect, type Database, openDatabase, type Queries } from '@mooring/store/database'
import { checkBooks, type Discrepancy } from '@mooring/store/ledger/check'
import { checkEscrow } from '@mooring/store/ledger/check-escrow'
import { checkUsage } from '@mooring/store/ledger/check-usage'
import { systemClock } from '@mooring/telemetry/clock'
import type { Plan } from './plan.ts'

/** What the database says of one account when all is over. Credits. */
export type AccountBooks = {
  bought: bigint
  /** By the entries of the ledger. */
  charged: bigint
  /** By the usage of all hours. */
  used: bigint
  left: bigint
  uncollected: bigint
}

export type Books = {
  accounts: ReadonlyMap<string, AccountBooks>
  discrepancies: readonly Discrepancy[]
  /** Still set aside for gateways. */
  leased: bigint
}

const lookPauseMs = 100
const creditedTimeoutMs = 60_000

/** Waits until deposits are credited as a whole, and what was asked out is held. */
export async function untilCredited(
  { url }: { url: string },
  { plan, signal }: { plan: Plan; signal: AbortSignal },
): Promise<void> {
  const { accounts, starved, depositTokens } = plan
  await using sql = connect(url)
  const endMs = performance.now() + creditedTimeoutMs
  for (;;) {
    const rows = await sql<{ tokens: string; held: string }[]>`select tokens, held from holdings`
    const whole = rows.filter(({ tokens }) => BigInt(tokens) === depositTokens)
    const asked = rows.filter((row) => BigInt(row.held) > 0n)
    if (whole.length === accounts && asked.length === starved) return
    if (performance.now() > endMs) {
      throw new Error(`only ${whole.length} of ${accounts} deposits were credited in time`)
    }
    signal.throwIfAborted()
    await systemClock.sleep(lookPauseMs, signal)
  }
}

/**
 * Waits until nothing is leased, as long as the billing service waits for a gateway that is silent. Such is one that was
 * killed with leases and before its first frame: its log does not say that it was there.
 */
export async function untilReturned(
  { url }: { url: string },
  { plan: { leaseMs, graceMs }, signal }: { plan: Plan; signal: AbortSignal },
): Promise<void> {
  await using sql = connect(url)
  // All may have been silent since the billing service was started.
  const endMs = performance.now() + 2 * (leaseMs + graceMs)
  while ((await readLeased(sql)) > 0n && performance.now() < endMs) {
    await systemClock.sleep(lookPauseMs, signal)
  }
}

async function readLeased(sql: Queries): Promise<bigint> {
  const [row] = await sql<{ leased: string }[]>`
    select coalesce(sum(credits), 0) as leased from leases`
  if (row === undefined) throw new Error('a sum has no row')
  return BigInt(row.leased)
}

export async function readBooks({ url }: { url: string }): Promise<Books> {
  await using database = await openDatabase(url)
  const discrepancies = [
    ...(await checkBooks(database)),
    ...(await checkUsage(database)),
    ...(await checkEscrow(database)),
  ]
  return {
    accounts: await readAccounts(database),
    discrepancies,
    leased: await readLeased(database.sql),
  }
}

type AccountRow = Record<'account' | 'bought' | 'charged' | 'used' | 'left' | 'uncollected', string>

async function readAccounts({ sql }: Database): Promise<Map<string, AccountBooks>> {
  const rows = await sql<AccountRow[]>`
    select account,
      (select coalesce(sum(booked_credits), 0) from deposits where deposits.account = names.account)
        as bought,
      (select coalesce(sum(amount), 0) from entries
        where entries.account = names.account and unit = 'credit' and place = 'used') as charged,
      (select coalesce(sum(credits), 0) from usage where usage.account = names.account) as used,
      (select coalesce(sum(credits), 0) from holdings where holdings.account = names.account) as left,
      (select coalesce(sum(credits), 0) from uncollected
        where uncollected.account = names.account) as uncollected
    from (select account from holdings union select account from usage where account <> '') as names`
  return new Map(
    rows.map((row) => [
      row.account,
      {
        bought: BigInt(row.bought),
        charged: BigInt(row.charged),
        used: BigInt(row.used),
        left: BigInt(row.left),
        uncollected: BigInt(row.uncollected),
      },
    ]),
  )
}
