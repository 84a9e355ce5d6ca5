import { z } from '@hono/zod-openapi'
import type { Database } from '@mooring/store/database'
import { endAllSessions, endSession, listSessions, type Session } from '@mooring/store/sessions'
import type { Clock } from '@mooring/telemetry/clock'
import type { Context } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { Refusal } from '../../refusal.ts'
import { messageLengthMax } from '../../signin/message.ts'
import { signatureBytesMax } from '../../signin/signature.ts'
import type { SignIn } from '../../signin/signin.ts'
import { type App, body, type Env, type Guards, json, publicRoute } from '../route.ts'
import { accountName, id, seconds, secondsOf } from '../schemas.ts'
import { csrfTokenOf, tokenOf } from '../sessions.ts'

export type AuthParts = {
  database: Database
  clock: Clock
  signIn: SignIn
  chainId: number
  idleMs: number
  cookie: { name: string; secure: boolean }
  /** This service's own origin, for programs that have no page. */
  origin: () => string
}

const nonceAnswer = z
  .object({
    nonce: z.string(),
    expiresAt: seconds,
    chainId: z.int(),
    domain: z.string().openapi({
      description:
        'For programs: what to name as domain and URI. Sign only what is of the host that was called.',
    }),
    uri: z.string(),
  })
  .openapi('Nonce')

const siweRequest = z
  .strictObject({
    message: z.string().max(messageLengthMax).openapi({ description: 'As EIP-4361.' }),
    signature: z
      .string()
      .max(2 + 2 * signatureBytesMax)
      .regex(/^0x(?:[0-9a-fA-F]{2})+$/, '0x and hexadecimal digits'),
  })
  .openapi('SiweRequest')

const session = z
  .object({ id, wallet: accountName, createdAt: seconds, usedAt: seconds, endsAt: seconds })
  .openapi('Session')

const signedIn = z
  .object({
    token: z.string().openapi({ description: 'Bear it as `Authorization: Bearer …`. Told once.' }),
    csrf: z.string().openapi({ description: 'Send it as `Mooring-CSRF` along with the cookie.' }),
    session,
  })
  .openapi('SignedIn')

const current = z.object({ csrf: z.string(), session }).openapi('CurrentSession')

export function addAuthRoutes(app: App, guards: Guards, parts: AuthParts): void {
  addSignIn(app, parts)
  addSessions(app, guards, parts)
}

function addSignIn(app: App, { signIn, chainId, cookie, origin }: AuthParts): void {
  const nonceRoute = publicRoute({
    method: 'post',
    path: '/v1/auth/nonce',
    operationId: 'createNonce',
    summary: 'A nonce for one sign-in.',
    tags: ['auth'],
    responses: { 200: json('Good once, for five minutes.', nonceAnswer) },
  })
  app.openapi(nonceRoute, async (context) => {
    const { nonce, expiresAtMs } = await signIn.giveNonce(context.get('network'))
    const uri = origin()
    const domain = new URL(uri).host
    return context.json({ nonce, expiresAt: secondsOf(expiresAtMs), chainId, domain, uri }, 200)
  })

  const siweRoute = publicRoute({
    method: 'post',
    path: '/v1/auth/siwe',
    operationId: 'signIn',
    summary: 'Signs in with a wallet (EIP-4361, ERC-1271, ERC-6492).',
    tags: ['auth'],
    request: { body: body(siweRequest) },
    responses: { 200: json('A session, also as a cookie.', signedIn) },
  })
  app.openapi(siweRoute, async (context) => {
    const { message, signature } = context.req.valid('json')
    // Its form was checked above.
    const hex = signature as `0x${string}`
    const { token, session } = await signIn.signIn(message, hex, context.get('network'))
    setCookie(context, cookie.name, token, {
      ...cookieOptions(cookie),
      expires: new Date(session.endsAtMs),
    })
    return context.json({ token, csrf: csrfTokenOf(token), session: sessionView(session) }, 200)
  })
}

function addSessions(app: App, { personalRoute }: Guards, parts: AuthParts): void {
  const { database, clock, cookie, idleMs } = parts
  const tags = ['auth']
  const currentRoute = personalRoute({
    method: 'get',
    path: '/v1/auth/session',
    operationId: 'getSession',
    summary: 'The session that is borne.',
    tags,
    responses: { 200: json('It, and its CSRF token.', current) },
  })
  app.openapi(currentRoute, (context) => {
    const csrf = csrfTokenOf(tokenOf(context.req.raw, cookie.name) ?? '')
    return context.json({ csrf, session: sessionView(context.get('session')) }, 200)
  })

  const logoutRoute = personalRoute({
    method: 'post',
    path: '/v1/auth/logout',
    operationId: 'logOut',
    summary: 'Ends the session that is borne.',
    tags,
    responses: { 204: { description: 'It has ended.' } },
  })
  app.openapi(logoutRoute, async (context) => {
    const { wallet, id } = context.get('session')
    await endSession(database.sql, wallet, id)
    forgetCookie(context, cookie)
    return context.body(null, 204)
  })

  const listRoute = personalRoute({
    method: 'get',
    path: '/v1/auth/sessions',
    operationId: 'listSessions',
    summary: 'All sessions of this wallet.',
    tags,
    responses: { 200: json('Newest first.', z.object({ sessions: z.array(session) })) },
  })
  app.openapi(listRoute, async (context) => {
    const times = { nowMs: clock.wallMs(), idleMs }
    const found = await listSessions(database.sql, context.get('session').wallet, times)
    return context.json({ sessions: found.map(sessionView) }, 200)
  })

  const endRoute = personalRoute({
    method: 'delete',
    path: '/v1/auth/sessions/{sessionId}',
    operationId: 'endSession',
    summary: 'Ends one session of this wallet.',
    tags,
    request: { params: z.object({ sessionId: id }) },
    responses: { 204: { description: 'It has ended.' } },
  })
  app.openapi(endRoute, async (context) => {
    const { sessionId } = context.req.valid('param')
    if (!(await endSession(database.sql, context.get('session').wallet, sessionId))) {
      throw new Refusal('NOT_FOUND', 'this wallet has no such session')
    }
    return context.body(null, 204)
  })

  const endAllRoute = personalRoute({
    method: 'delete',
    path: '/v1/auth/sessions',
    operationId: 'endAllSessions',
    summary: 'Ends all sessions of this wallet, this one too.',
    tags,
    responses: { 204: { description: 'They have ended.' } },
  })
  app.openapi(endAllRoute, async (context) => {
    await endAllSessions(database.sql, context.get('session').wallet)
    forgetCookie(context, cookie)
    return context.body(null, 204)
  })
}

type Cookie = AuthParts['cookie']

function cookieOptions({ secure }: Cookie) {
  return { httpOnly: true, sameSite: 'Strict', secure, path: '/' } as const
}

function forgetCookie(context: Context<Env>, cookie: Cookie): void {
  deleteCookie(context, cookie.name, cookieOptions(cookie))
}

function sessionView({ id, wallet, createdAtMs, usedAtMs, endsAtMs }: Session) {
  return {
    ...{ id, wallet },
    createdAt: secondsOf(createdAtMs),
    usedAt: secondsOf(usedAtMs),
    endsAt: secondsOf(endsAtMs),
  }
}
