import type { AccessTier, AccountRecord } from '@mooring/protocol/access/key-record'
import { bigintOf, msOf, timeOf } from './columns.ts'
import type { Database, Queries } from './database.ts'

export type Account = {
  /** As CAIP-10. */
  name: string
  premiumId: string
  title: string
  /** `frozen`: its owner stopped everything that uses its credit. */
  status: 'active' | 'frozen'
  /** What it can pay with beyond what it has asked out of the escrow, in base units. */
  credit: { ankr: bigint; usd: bigint }
  /** Whether anything is left to pay requests with, be it asked out or not. */
  canPay: boolean
  /** Whether it ever had any. */
  hadCredit: boolean
  createdAtMs: number
}

/** The account of a wallet, made when the wallet signs in first. */
export async function ensureAccount(
  database: Database,
  name: string,
  nowMs: number,
): Promise<void> {
  await database.transact(async (queries) => {
    const now = timeOf(nowMs)
    const made = await queries`
      insert into accounts (name, created_at) values (${name}, ${now}) on conflict do nothing`
    if (made.count === 0) return
    await queries`
      insert into members (account, wallet, role, joined_at, invited_at)
      values (${name}, ${name}, 'owner', ${now}, ${now})`
  })
}

type AccountRow = {
  name: string
  premium_id: string
  title: string
  status: Account['status']
  created_at: Date
  ankr: string
  usd: string
  can_pay: boolean
  had_credit: boolean
}

export async function loadAccount(queries: Queries, name: string): Promise<Account | undefined> {
  const [row] = await queries<AccountRow[]>`
    select name, premium_id, title, status, created_at,
      credit_of(name, 'ankr') as ankr, credit_of(name, 'usd') as usd, can_pay(name) as can_pay,
      exists (select from deposits where account = name and amount is not null)
        or exists (select from moves where account = name) as had_credit
    from accounts where name = ${name}`
  return row === undefined ? undefined : accountOf(row)
}

export async function saveAccount(
  queries: Queries,
  name: string,
  { title, status }: Partial<Pick<Account, 'title' | 'status'>>,
): Promise<void> {
  await queries`
    update accounts set title = coalesce(${title ?? null}, title), status = coalesce(${status ?? null}, status)
    where name = ${name}`
}

/** What gateways are told. `tier` is for show: what may be used follows from tokens. */
export function recordOf({ name, status, canPay, hadCredit }: Account): AccountRecord {
  const tier: AccessTier = canPay ? 'premium' : 'community'
  // Before anything was credited there may be a deposit that is not known here yet; a gateway has the token to go by.
  const isExhausted = hadCredit && !canPay
  const open = isExhausted ? 'exhausted' : 'active'
  return { account: name, tier, status: status === 'frozen' ? 'frozen' : open }
}

function accountOf(row: AccountRow): Account {
  return {
    name: row.name,
    premiumId: row.premium_id,
    title: row.title,
    status: row.status,
    credit: { ankr: bigintOf(row.ankr), usd: bigintOf(row.usd) },
    canPay: row.can_pay,
    hadCredit: row.had_credit,
    createdAtMs: msOf(row.created_at),
  }
}
