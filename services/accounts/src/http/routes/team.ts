import { z } from '@hono/zod-openapi'
import { accountNameOf } from '@mooring/protocol/access/names'
import type { Database } from '@mooring/store/database'
import {
  acceptInvitation,
  type Changer,
  changeRole,
  inviteMember,
  listMembers,
  listMemberships,
  loadRole,
  type Member,
  removeMember,
  type Seat,
} from '@mooring/store/team'
import type { Clock } from '@mooring/telemetry/clock'
import { notFound, Refusal } from '../../refusal.ts'
import { orRefuse } from '../conflicts.ts'
import { mayTouchOwners } from '../roles.ts'
import { type App, body, type Guards, json } from '../route.ts'
import { accountName, role, seconds, secondsOf, walletAddress } from '../schemas.ts'
import type { Caller } from '../sessions.ts'

const member = z
  .object({
    account: accountName,
    wallet: accountName,
    role,
    invitedAt: seconds,
    joinedAt: seconds.nullable().openapi({ description: 'Null until it is accepted.' }),
  })
  .openapi('Member')
const invitation = z.strictObject({ address: walletAddress, role }).openapi('Invitation')
const ofMember = z.object({ wallet: accountName })
const named = z.strictObject({ account: accountName }).openapi('NamedAccount')
const tags = ['team']

export type TeamParts = { database: Database; clock: Clock; chainId: number }

export function addTeamRoutes(app: App, guards: Guards, parts: TeamParts): void {
  addTeam(app, guards, parts)
  addMember(app, guards, parts.database)
  addMemberships(app, guards, parts)
}

function addTeam(
  app: App,
  { accountRoute }: Guards,
  { database, clock, chainId }: TeamParts,
): void {
  const listRoute = accountRoute('team:read', {
    method: 'get',
    path: '/v1/team',
    operationId: 'listTeam',
    summary: 'Who acts for the account, and who is invited to.',
    tags,
    responses: { 200: json('Oldest first.', z.object({ members: z.array(member) })) },
  })
  app.openapi(listRoute, async (context) => {
    const found = await listMembers(database.sql, context.get('caller').account)
    return context.json({ members: found.map(memberView) }, 200)
  })

  const inviteRoute = accountRoute('team:write', {
    method: 'post',
    path: '/v1/team',
    operationId: 'inviteMember',
    summary: 'Invites a wallet by its address.',
    tags,
    request: { body: body(invitation) },
    responses: { 201: json('The invitation.', member) },
  })
  app.openapi(inviteRoute, async (context) => {
    const caller = context.get('caller')
    const { address, role } = context.req.valid('json')
    assertMayName(caller, role)
    const seat = { account: caller.account, wallet: accountNameOf(chainId, address) }
    const facts = { role, nowMs: clock.wallMs() }
    const invited = await orRefuse(inviteMember(database.sql, seat, facts))
    if (invited === undefined) {
      throw new Refusal('ALREADY_THERE', 'this wallet is a member or invited already')
    }
    return context.json(memberView(invited), 201)
  })
}

function addMember(app: App, { accountRoute }: Guards, database: Database): void {
  const changeRoute = accountRoute('team:write', {
    method: 'patch',
    path: '/v1/team/{wallet}',
    operationId: 'changeRole',
    summary: 'Gives a member another role.',
    tags,
    request: { params: ofMember, body: body(z.strictObject({ role })) },
    responses: { 200: json('The member as it is now.', member) },
  })
  app.openapi(changeRoute, async (context) => {
    const caller = context.get('caller')
    const { role } = context.req.valid('json')
    assertMayName(caller, role)
    const seat = { account: caller.account, wallet: context.req.valid('param').wallet }
    const changed = await orRefuse(changeRole(database.sql, seat, { role, by: changerOf(caller) }))
    if (changed === undefined) throw await seatRefusal(database, seat, caller)
    return context.json(memberView(changed), 200)
  })

  const removeRoute = accountRoute('team:write', {
    method: 'delete',
    path: '/v1/team/{wallet}',
    operationId: 'removeMember',
    summary: 'Sends a member away, or takes an invitation back.',
    tags,
    request: { params: ofMember },
    responses: { 204: { description: 'It is gone.' } },
  })
  app.openapi(removeRoute, async (context) => {
    const caller = context.get('caller')
    const seat = { account: caller.account, wallet: context.req.valid('param').wallet }
    if (!(await orRefuse(removeMember(database.sql, seat, { by: changerOf(caller) })))) {
      throw await seatRefusal(database, seat, caller)
    }
    return context.body(null, 204)
  })
}

/** What a wallet is a member of. It decides that for itself, whatever its role. */
function addMemberships(app: App, { personalRoute }: Guards, { database, clock }: TeamParts): void {
  const listRoute = personalRoute({
    method: 'get',
    path: '/v1/memberships',
    operationId: 'listMemberships',
    summary: 'The accounts that this wallet acts for or is invited to.',
    tags,
    responses: { 200: json('Oldest first.', z.object({ memberships: z.array(member) })) },
  })
  app.openapi(listRoute, async (context) => {
    const found = await listMemberships(database.sql, context.get('session').wallet)
    return context.json({ memberships: found.map(memberView) }, 200)
  })

  const acceptRoute = personalRoute({
    method: 'post',
    path: '/v1/memberships/accept',
    operationId: 'acceptInvitation',
    summary: 'Accepts an invitation.',
    tags,
    request: { body: body(named) },
    responses: { 204: { description: 'You are a member now.' } },
  })
  app.openapi(acceptRoute, async (context) => {
    const seat = { ...context.req.valid('json'), wallet: context.get('session').wallet }
    if (!(await acceptInvitation(database.sql, seat, clock.wallMs()))) {
      throw new Refusal('NOT_FOUND', 'there is no such invitation to accept')
    }
    return context.body(null, 204)
  })

  const leaveRoute = personalRoute({
    method: 'post',
    path: '/v1/memberships/leave',
    operationId: 'leaveTeam',
    summary: 'Leaves a team, or declines an invitation.',
    tags,
    request: { body: body(named) },
    responses: { 204: { description: 'You are no member any more.' } },
  })
  app.openapi(leaveRoute, async (context) => {
    const { wallet } = context.get('session')
    const seat = { ...context.req.valid('json'), wallet }
    const by = { wallet, mayTouchOwners: true }
    if (!(await orRefuse(removeMember(database.sql, seat, { by })))) {
      throw new Refusal('NOT_FOUND', 'you are no member of that account')
    }
    return context.body(null, 204)
  })
}

function assertMayName(caller: Caller, role: Member['role']): void {
  if (role === 'owner' && !mayTouchOwners(caller.role)) {
    throw new Refusal('NOT_ALLOWED', 'owners are named by owners')
  }
}

function changerOf({ session, role }: Caller): Changer {
  return { wallet: session.wallet, mayTouchOwners: mayTouchOwners(role) }
}

/** Why the seat of a member was left as it is. */
async function seatRefusal(database: Database, seat: Seat, caller: Caller): Promise<Refusal> {
  const isFounding = seat.wallet === seat.account && mayTouchOwners(caller.role)
  if (!isFounding || (await loadRole(database.sql, seat.account, seat.wallet)) === undefined) {
    return notFound('member that you may change')
  }
  return new Refusal(
    'FOUNDING_WALLET',
    'the account is this wallet’s own: it alone lowers its role, or leaves',
  )
}

function memberView({ account, wallet, role, invitedAtMs, joinedAtMs }: Member) {
  return {
    ...{ account, wallet, role },
    invitedAt: secondsOf(invitedAtMs),
    joinedAt: secondsOf(joinedAtMs),
  }
}
