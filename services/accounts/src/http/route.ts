import { createRoute, type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi'
import type { Session } from '@mooring/store/sessions'
import type { MiddlewareHandler } from 'hono'
import { Refusal } from '../refusal.ts'
import { may, type Permission } from './roles.ts'
import { accountHeader, type Caller, callerOf, type SessionParts, sessionOf } from './sessions.ts'

/** What handlers find beside the request. */
export type Env = {
  Bindings: { address: string }
  Variables: { network: string; session: Session; caller: Caller }
}
export type App = OpenAPIHono<Env>

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    retryAfterSeconds: z.int().optional(),
  })
  .openapi('Problem')

const problemResponse = {
  description: 'What was refused, and why (RFC 9457).',
  content: { 'application/problem+json': { schema: problem } },
} as const

const security: Record<string, string[]>[] = [{ session: [] }, { cookie: [] }]

type Wanted = Omit<RouteConfig, 'security' | 'middleware'> & {
  /** The name of the call in clients that are generated. */
  operationId: string
  summary: string
}

/** A route for everybody. */
export function publicRoute<const R extends Wanted>(wanted: R) {
  return routeOf(wanted, {})
}

/** What is added says more of a route and changes nothing of what its handler gets and gives. */
function routeOf<const R extends Wanted>(wanted: R, more: object) {
  const responses = { ...wanted.responses, default: problemResponse }
  return createRoute<R['path'], R>({ ...wanted, ...more, responses })
}

/** Routes for who has signed in; `parts` tells who that is. */
export function createGuards(parts: SessionParts) {
  const signedIn: MiddlewareHandler<Env> = async (context, next) => {
    context.set('session', await sessionOf(context.req.raw, parts))
    await next()
  }
  const allowed = (permission: Permission): MiddlewareHandler<Env> => {
    return async (context, next) => {
      const caller = await callerOf(context.req.raw, context.get('session'), parts.database)
      if (!may(caller.role, permission)) {
        throw new Refusal('NOT_ALLOWED', `your role ${caller.role} has no ${permission} here`)
      }
      context.set('caller', caller)
      await next()
    }
  }
  return {
    /** For the wallet that signed in, whichever account it acts for. */
    personalRoute<const R extends Wanted>(wanted: R) {
      return routeOf(wanted, { security, middleware: [signedIn], 'x-mooring-permission': null })
    },

    /** For members of an account whose role has the permission. The account is the wallet's own, or one that is named. */
    accountRoute<const R extends Wanted>(permission: Permission, wanted: R) {
      return routeOf(wanted, {
        security,
        middleware: [signedIn, allowed(permission)],
        'x-mooring-permission': permission,
        request: { ...wanted.request, headers: accountHeaders },
      })
    },
  }
}
export type Guards = ReturnType<typeof createGuards>

const accountHeaders = z.object({
  [accountHeader]: z.string().max(64).optional().openapi({
    description: 'The account to act for, as CAIP-10; your own without it.',
    example: 'eip155:1:0x0000000000000000000000000000000000000001',
  }),
})

export function json<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } } as const
}

export function body<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const
}
