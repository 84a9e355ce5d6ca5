import { parseAccountName } from '@mooring/protocol/access/names'
import { isSame } from '@mooring/settings/credentials'
import type { Database } from '@mooring/store/database'
import { findSession, type Session, touchSession } from '@mooring/store/sessions'
import { loadRole, type Role } from '@mooring/store/team'
import type { Clock } from '@mooring/telemetry/clock'
import { Refusal } from '../refusal.ts'
import { hashOf } from '../secrets.ts'

/** Who asks, and for which account. */
export type Caller = { session: Session; account: string; role: Role }

/** Names of headers, in lower case. */
export const accountHeader = 'mooring-account'
export const csrfHeader = 'mooring-csrf'

export type SessionParts = {
  database: Database
  clock: Clock
  idleMs: number
  cookieName: string
}

/** Written at most so often: a session is used for every request. */
const touchMs = 60_000

/** Throws NOT_SIGNED_IN for who bears no living session, CROSS_SITE for a cookie that another page may have sent. */
export async function sessionOf(request: Request, parts: SessionParts): Promise<Session> {
  const { database, clock, idleMs } = parts
  const borne = bearerOf(request)
  const cookie = borne === undefined ? cookieOf(request, parts.cookieName) : undefined
  const token = borne ?? cookie
  const nowMs = clock.wallMs()
  const session =
    token === undefined
      ? undefined
      : await findSession(database.sql, hashOf(token), { nowMs, idleMs })
  if (session === undefined || token === undefined) {
    throw new Refusal('NOT_SIGNED_IN', 'sign in first: there is no such session, or it has ended')
  }
  if (cookie !== undefined) assertSameSite(request, cookie)
  if (nowMs - session.usedAtMs >= Math.min(touchMs, idleMs / 2)) {
    await touchSession(database.sql, session.id, nowMs)
  }
  return session
}

/** Throws NOT_ALLOWED for who is no member of the account; in the same words for an account that does not exist. */
export async function callerOf(
  request: Request,
  session: Session,
  database: Database,
): Promise<Caller> {
  const named = request.headers.get(accountHeader)
  const account = named ?? session.wallet
  const role =
    parseAccountName(account) === undefined
      ? undefined
      : await loadRole(database.sql, account, session.wallet)
  if (role === undefined) {
    throw new Refusal('NOT_ALLOWED', 'you are no member of this account')
  }
  return { session, account, role }
}

/** What a page has to send along with the cookie; another page cannot read it. */
export function csrfTokenOf(token: string): string {
  return hashOf(`csrf ${token}`)
}

/** A browser sends cookies of itself, so that a change must prove to come from a page that knows the session. */
function assertSameSite(request: Request, token: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const given = request.headers.get(csrfHeader)
  if (given !== null && isSame(given, csrfTokenOf(token))) return
  throw new Refusal('CROSS_SITE', `send the header ${csrfHeader} that the session names`)
}

/** What the request bears, whichever way; for the answer that names its CSRF token. */
export function tokenOf(request: Request, cookieName: string): string | undefined {
  return bearerOf(request) ?? cookieOf(request, cookieName)
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer ([A-Za-z0-9_-]{43})$/i.exec(request.headers.get('authorization') ?? '')?.[1]
}

function cookieOf(request: Request, name: string): string | undefined {
  const cookies = (request.headers.get('cookie') ?? '').split(';').map((part) => part.trim())
  const value = cookies.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1)
  return value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : undefined
}
