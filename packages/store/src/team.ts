import { msOf, timeOf } from './columns.ts'
import type { Queries } from './database.ts'

export const roles = ['owner', 'admin', 'developer', 'finance'] as const
export type Role = (typeof roles)[number]

/** One wallet that acts for an account. */
export type Member = {
  account: string
  wallet: string
  role: Role
  invitedAtMs: number
  /** `null` until the invited one has accepted. */
  joinedAtMs: number | null
}

/** Constraints that a change of a team can break. */
export const teamConstraints = { lastOwner: 'last_owner', size: 'team_size' } as const

/** @returns What a wallet may do for an account: undefined for everybody who has not joined it. */
export async function loadRole(
  queries: Queries,
  account: string,
  wallet: string,
): Promise<Role | undefined> {
  const [row] = await queries<{ role: Role }[]>`
    select role from members
    where account = ${account} and wallet = ${wallet} and joined_at is not null`
  return row?.role
}

export async function listMembers(queries: Queries, account: string): Promise<Member[]> {
  const rows = await queries<MemberRow[]>`
    select * from members where account = ${account} order by invited_at, wallet`
  return rows.map(memberOf)
}

/** The accounts that a wallet acts for or is invited to. */
export async function listMemberships(queries: Queries, wallet: string): Promise<Member[]> {
  const rows = await queries<MemberRow[]>`
    select * from members where wallet = ${wallet} order by invited_at, account`
  return rows.map(memberOf)
}

export type Seat = { account: string; wallet: string }

/** @returns Undefined when the wallet is there already. */
export async function inviteMember(
  queries: Queries,
  { account, wallet }: Seat,
  { role, nowMs }: { role: Role; nowMs: number },
): Promise<Member | undefined> {
  const [row] = await queries<MemberRow[]>`
    insert into members (account, wallet, role, invited_at)
    values (${account}, ${wallet}, ${role}, ${timeOf(nowMs)}) on conflict do nothing returning *`
  return row === undefined ? undefined : memberOf(row)
}

/** @returns Whether there was an invitation to accept. */
export async function acceptInvitation(
  queries: Queries,
  { account, wallet }: Seat,
  nowMs: number,
): Promise<boolean> {
  const accepted = await queries`
    update members set joined_at = ${timeOf(nowMs)}
    where account = ${account} and wallet = ${wallet} and joined_at is null`
  return accepted.count > 0
}

/** Who changes a seat. */
export type Changer = {
  wallet: string
  /** Whether it may change an owner. */
  mayTouchOwners: boolean
}

/**
 * The seat of the wallet whose account it is gets changed by that wallet alone: what it has deposited is its own,
 * whoever else it has made an owner. Only back up to owner others raise it, who may name owners.
 *
 * @returns Undefined when there is no such member that `by` may change.
 */
export async function changeRole(
  queries: Queries,
  { account, wallet }: Seat,
  { role, by }: { role: Role; by: Changer },
): Promise<Member | undefined> {
  const isRaised = role === 'owner' && by.mayTouchOwners
  const [row] = await queries<MemberRow[]>`
    update members set role = ${role}
    where account = ${account} and wallet = ${wallet} and (role <> 'owner' or ${by.mayTouchOwners})
      and (wallet <> account or joined_at is null or wallet = ${by.wallet} or ${isRaised})
    returning *`
  return row === undefined ? undefined : memberOf(row)
}

/** As `changeRole`: nobody else removes that wallet. @returns Whether there was such a member. */
export async function removeMember(
  queries: Queries,
  { account, wallet }: Seat,
  { by }: { by: Changer },
): Promise<boolean> {
  const removed = await queries`
    delete from members
    where account = ${account} and wallet = ${wallet} and (role <> 'owner' or ${by.mayTouchOwners})
      and (wallet <> account or joined_at is null or wallet = ${by.wallet})`
  return removed.count > 0
}

type MemberRow = {
  account: string
  wallet: string
  role: Role
  invited_at: Date
  joined_at: Date | null
}

function memberOf({ account, wallet, role, invited_at, joined_at }: MemberRow): Member {
  return { account, wallet, role, invitedAtMs: msOf(invited_at), joinedAtMs: msOf(joined_at) }
}
