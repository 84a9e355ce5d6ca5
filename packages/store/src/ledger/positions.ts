import type { CapTerms } from '@mooring/market/economy/payments/escrow'
import type { Holding } from '@mooring/market/metering/holding'
import type { Position, PotState } from '@mooring/market/metering/settle'
import type { SQL } from 'bun'
import { timeOf } from '../columns.ts'
import type { Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'

/** What there is of accounts: read and locked, changed by rules, written back. */

/** The order in which an account's assets are used up: what was bought at a discount first. */
export const assets = ['ankr', 'usd'] as const satisfies readonly Asset[]

export type Caps = Readonly<Record<Asset, CapTerms>>

export type HoldingRow = {
  account: string
  asset: Asset
  tokens: string
  credits: string
  leased: string
  held: string
  accrued: string
  spent: string
  life: string
  period: string
  period_used: string
  missing: string
  to_void: string
}

/**
 * Locks the holdings of accounts until the transaction ends, in one order for everybody, and reads what an epoch leases.
 *
 * @param period - The charge period it is; what was used in another one does not count.
 */
export async function lockPositions(
  queries: Queries,
  accounts: readonly string[],
  { epoch, caps, period }: { epoch: bigint; caps: Caps; period: bigint },
): Promise<Map<string, Position>> {
  const names = arrayOf(queries, accounts)
  const rows = await queries<HoldingRow[]>`
    select * from holdings where account = any(${names}) order by account, asset for update`
  const leases = await queries<LeaseRow[]>`
    select account, asset, key, credits from leases where epoch = ${epoch} and account = any(${names})`
  const frozen = await queries<{ name: string }[]>`
    select name from accounts where status = 'frozen' and name = any(${names})`
  const positions = new Map<string, Position>()
  for (const row of rows) {
    const pot: PotState = {
      asset: row.asset,
      holding: holdingOf(row),
      leases: new Map(),
      cap: caps[row.asset],
      periodUsed: isIn(BigInt(row.period), period) ? BigInt(row.period_used) : 0n,
    }
    const known = positions.get(row.account)
    if (known === undefined) positions.set(row.account, { pots: [pot], isFrozen: false })
    else known.pots.push(pot)
  }
  for (const { account, asset, key, credits } of leases) {
    const pot = positions.get(account)?.pots.find((each) => each.asset === asset)
    pot?.leases.set(key, BigInt(credits))
  }
  for (const { name } of frozen) {
    const position = positions.get(name)
    if (position !== undefined) position.isFrozen = true
  }
  return positions
}

/** A clock that is a moment behind does not bring a period back: what was used in the next one would be forgotten. */
function isIn(period: bigint, now: bigint): boolean {
  return period === now || period === now + 1n
}

type LeaseRow = { account: string; asset: Asset; key: string; credits: string }

/** Writes positions back as they are now, with all that the epoch leases. */
export async function savePositions(
  queries: Queries,
  positions: ReadonlyMap<string, Position>,
  { epoch, period }: { epoch: bigint; period: bigint },
): Promise<void> {
  const pots = [...positions].flatMap(([account, position]) =>
    position.pots.map((pot) => ({ account, ...pot })),
  )
  if (pots.length === 0) return
  const column = (value: (pot: (typeof pots)[number]) => unknown) =>
    arrayOf(
      queries,
      pots.map((pot) => String(value(pot))),
    )
  await queries`
    update holdings set tokens = new.tokens::numeric, credits = new.credits::numeric,
      leased = new.leased::numeric, accrued = new.accrued::numeric, spent = new.spent::numeric,
      life = new.life::bigint, to_void = new.to_void::numeric,
      period = case period when ${period + 1n} then period else ${period} end, period_used = new.period_used::numeric
    from unnest(${column(({ account }) => account)}::text[], ${column(({ asset }) => asset)}::text[],
      ${column(({ holding }) => holding.tokens)}::text[], ${column(({ holding }) => holding.credits)}::text[],
      ${column(({ holding }) => holding.leased)}::text[], ${column(({ holding }) => holding.accrued)}::text[],
      ${column(({ holding }) => holding.spent)}::text[], ${column(({ holding }) => holding.life)}::text[],
      ${column(({ holding }) => holding.toVoid)}::text[], ${column(({ periodUsed }) => periodUsed)}::text[])
      as new (account, asset, tokens, credits, leased, accrued, spent, life, to_void, period_used)
    where holdings.account = new.account and holdings.asset = new.asset`
  await saveLeases(queries, positions, epoch)
}

async function saveLeases(
  queries: Queries,
  positions: ReadonlyMap<string, Position>,
  epoch: bigint,
): Promise<void> {
  const rows = [...positions].flatMap(([account, { pots }]) =>
    pots.flatMap(({ asset, leases }) =>
      [...leases].map(([key, credits]) => [account, asset, key, String(credits)] as const),
    ),
  )
  const column = (at: 0 | 1 | 2 | 3) =>
    arrayOf(
      queries,
      rows.map((row) => row[at]),
    )
  // Most leases stay with another sum, which is cheaper to change than to delete and to make again. "not in" is looked up
  // in a table in memory, however little the planner knows of how long a list is.
  await queries`
    delete from leases where epoch = ${epoch} and account = any(${arrayOf(queries, [...positions.keys()])})
      and (account, asset, key) not in (
        select account, asset, key
        from unnest(${column(0)}::text[], ${column(1)}::text[], ${column(2)}::text[])
          as kept (account, asset, key)
      )`
  if (rows.length === 0) return
  await queries`
    insert into leases (epoch, account, asset, key, credits)
    select ${epoch}::bigint, account, asset, key, credits::numeric
    from unnest(${column(0)}::text[], ${column(1)}::text[], ${column(2)}::text[], ${column(3)}::text[])
      as new (account, asset, key, credits)
    on conflict (epoch, account, asset, key) do update set credits = excluded.credits`
}

/** Locks one holding, making it where there is none. */
export async function lockHolding(
  queries: Queries,
  account: string,
  asset: Asset,
): Promise<Holding> {
  await queries`insert into holdings (account, asset) values (${account}, ${asset}) on conflict do nothing`
  const [row] = await queries<HoldingRow[]>`
    select * from holdings where account = ${account} and asset = ${asset} for update`
  if (row === undefined) throw new Error('a holding that was made is not there')
  return holdingOf(row)
}

export async function saveHolding(
  queries: Queries,
  { account, asset, holding }: { account: string; asset: Asset; holding: Holding },
): Promise<void> {
  const { tokens, credits, leased, held, accrued, spent, life, missing, toVoid } = holding
  await queries`
    update holdings set tokens = ${tokens}, credits = ${credits}, leased = ${leased}, held = ${held},
      accrued = ${accrued}, spent = ${spent}, life = ${life}, missing = ${missing},
      to_void = ${toVoid}
    where account = ${account} and asset = ${asset}`
}

/** For some time gateways are asked to give back what they hold of these accounts and do not need. */
export async function recallLeases(
  queries: Queries,
  accounts: readonly string[],
  untilMs: number,
): Promise<void> {
  if (accounts.length === 0) return
  await queries`
    update holdings set recall_until = ${timeOf(untilMs)} where account = any(${arrayOf(queries, accounts)})`
}

/** What of an epoch's leases is wanted back. */
export async function listRecalls(
  queries: Queries,
  epoch: bigint,
  nowMs: number,
): Promise<{ account: string; key: string }[]> {
  const rows = await queries<{ account: string; key: string }[]>`
    select distinct leases.account, leases.key from holdings join leases using (account, asset)
    where recall_until > ${timeOf(nowMs)} and epoch = ${epoch}`
  return [...rows]
}

export function holdingOf(row: HoldingRow): Holding {
  return {
    tokens: BigInt(row.tokens),
    credits: BigInt(row.credits),
    leased: BigInt(row.leased),
    held: BigInt(row.held),
    accrued: BigInt(row.accrued),
    spent: BigInt(row.spent),
    life: BigInt(row.life),
    missing: BigInt(row.missing),
    toVoid: BigInt(row.to_void),
  }
}

/** A column of text, to be taken apart by the database. */
export function arrayOf(queries: Queries, values: readonly string[]): ReturnType<SQL['array']> {
  return queries.array([...values], 'text')
}
