import { msOf, timeOf } from './columns.ts'
import type { Database, Queries } from './database.ts'

/** Whether whoever reads an e-mail address wants alerts of an account. Asked once, with a code that is good once. */
export type Confirmation = {
  /** What the code is derived from. */
  id: string
  endsAtMs: number
  confirmedAtMs: number | null
}

/** Of all locks that programs agree on by two numbers, those with this one first are ours: one for each address. */
const addressLock = 716_641

export type AddressOfAccount = { account: string; address: string }

/** `standing`: it was asked already, and may still be answered. `tooMany`: as many questions stand as may. */
export type Asking = { kind: 'asked'; id: string } | { kind: 'standing' } | { kind: 'tooMany' }

/** Accounts that may wait at once for the answer of one address: anyone may have any number of accounts. */
export const accountsAskingMax = 3
/** Addresses of which one account may wait for an answer: one mailbox has any number of them. */
export const addressesAskedMax = 20

/** Puts the question, unless it stands already: then nothing is to be sent. Belongs into the transaction that adds its letter. */
export async function askForConfirmation(
  queries: Queries,
  { account, address }: AddressOfAccount,
  { nowMs, endsAtMs }: { nowMs: number; endsAtMs: number },
): Promise<Asking> {
  // One after the other for one account, so that each sees the letters of those before it.
  await queries`select from accounts where name = ${account} for no key update`
  // And for one address, or accounts that ask at once would not see each other. Always in this order.
  await queries`select pg_advisory_xact_lock(${addressLock}::int, hashtext(lower(${address})))`
  const [asked] = await queries<{ confirmation_id: string }[]>`
    insert into email_addresses (account, address, asked_at, ends_at)
    select ${account}::text, ${address}::text, ${timeOf(nowMs)}::timestamptz, ${timeOf(endsAtMs)}::timestamptz
    where (
      select count(*) from email_addresses
      where lower(address) = lower(${address}) and account <> ${account}
        and confirmed_at is null and ends_at > ${timeOf(nowMs)}
    ) < ${accountsAskingMax} and not exists (
      select from email_addresses
      where lower(address) = lower(${address}) and account = ${account} and address <> ${address}
        and confirmed_at is null and ends_at > ${timeOf(nowMs)}
    ) and (
      select count(*) from email_addresses
      where account = ${account} and address <> ${address}
        and confirmed_at is null and ends_at > ${timeOf(nowMs)}
    ) < ${addressesAskedMax}
    on conflict (account, address) do update
      set confirmation_id = gen_random_uuid(), asked_at = excluded.asked_at, ends_at = excluded.ends_at, sent_at = null
      where email_addresses.confirmed_at is null and (
        email_addresses.ends_at <= excluded.asked_at
        -- A message that never went out may be sent again.
        or email_addresses.sent_at is null and not exists (
          select from outbox
          where outbox.confirmation_id = email_addresses.confirmation_id and next_attempt_at is not null
        )
      )
    returning confirmation_id`
  if (asked !== undefined) return { kind: 'asked', id: asked.confirmation_id }
  const standing = await loadConfirmation(queries, { account, address })
  const isStanding =
    standing !== undefined && (standing.confirmedAtMs !== null || standing.endsAtMs > nowMs)
  return { kind: isStanding ? 'standing' : 'tooMany' }
}

export async function loadConfirmation(
  queries: Queries,
  { account, address }: AddressOfAccount,
): Promise<Confirmation | undefined> {
  const [row] = await queries<
    { confirmation_id: string; ends_at: Date; confirmed_at: Date | null }[]
  >`
    select confirmation_id, ends_at, confirmed_at from email_addresses
    where account = ${account} and address = ${address}`
  if (row === undefined) return undefined
  const { confirmation_id: id, ends_at, confirmed_at } = row
  return { id, endsAtMs: msOf(ends_at), confirmedAtMs: msOf(confirmed_at) }
}

/** Takes the answer. @returns Whether the question stood: for each once. */
export async function confirmAddress(
  queries: Queries,
  id: string,
  nowMs: number,
): Promise<boolean> {
  const confirmed = await queries`
    update email_addresses set confirmed_at = ${timeOf(nowMs)}
    where confirmation_id = ${id} and confirmed_at is null and ends_at > ${timeOf(nowMs)}`
  return confirmed.count > 0
}

/** Keeps what an address has answered until the transaction ends, for an alert that will rest on it. */
export async function keepConfirmation(
  queries: Queries,
  { account, address }: AddressOfAccount,
): Promise<void> {
  await queries`
    select from email_addresses where account = ${account} and address = ${address} for key share`
}

/** Forgets questions that ended without an answer, and answers that no alert rests on any more. */
export async function dropEndedConfirmations(database: Database, nowMs: number): Promise<void> {
  await database.transact(async (queries) => {
    const isOver = queries`
      (confirmed_at is null and ends_at <= ${timeOf(nowMs)})
      or (confirmed_at is not null and not exists (
        select from alerts
        where alerts.account = asked.account and channel = 'email' and target = asked.address
      ))`
    // Those that an alert is being set up for stay. Of the others it is looked again: a statement sees no alert that was
    // added after it began, but none can be added to what is locked.
    const rows = await queries<{ confirmation_id: string }[]>`
      select confirmation_id from email_addresses as asked where ${isOver} for update skip locked`
    const ids = queries.array(
      rows.map((row) => row.confirmation_id),
      'text',
    )
    await queries`
      delete from email_addresses as asked
      where confirmation_id::text = any(${ids}) and (${isOver})`
  })
}
