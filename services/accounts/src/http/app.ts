import { OpenAPIHono } from '@hono/zod-openapi'
import { ClientKeys } from '@mooring/market/quotas/client-keys'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import type { Events } from '../events.ts'
import type { Limit } from '../limiter.ts'
import { Refusal } from '../refusal.ts'
import { malformed, problemResponse } from './problems.ts'
import type { App, Env } from './route.ts'
import { accountHeader, csrfHeader } from './sessions.ts'

export const bodyBytesMax = 65_536
const preflightSeconds = 600

export type AppParts = {
  events: Events
  /** Pages that may call from a browser. */
  origins: readonly string[]
  trustedProxyHops: number
  limit: Limit
}

/** What all routes have in common. */
export function createApp({ events, origins, trustedProxyHops, limit }: AppParts): App {
  const app = new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (!result.success) throw malformed(result.error.issues)
    },
  })
  app.use(async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
    context.header('x-content-type-options', 'nosniff')
    context.header('referrer-policy', 'no-referrer')
    context.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  })
  app.use(
    cors({
      origin: [...origins],
      credentials: true,
      allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
      allowHeaders: ['authorization', 'content-type', accountHeader, csrfHeader],
      exposeHeaders: ['retry-after'],
      maxAge: preflightSeconds,
    }),
  )
  const clientKeys = new ClientKeys()
  app.use(async (context, next) => {
    const forwardedFor = context.req.header('x-forwarded-for')
    const network = clientKeys.keyOf(context.env.address, forwardedFor, trustedProxyHops)
    limit(network)
    context.set('network', network)
    await next()
  })
  app.use(bodyLimit({ maxSize: bodyBytesMax, onError: refuseBody }))
  app.onError((error, context) => {
    const { response, code } = problemResponse(error)
    const route = `${context.req.method} ${context.req.routePath}`
    if (code === 'INTERNAL') events.broke(error, route)
    else events.refused(code, route)
    return response
  })
  app.notFound(() => problemResponse(new Refusal('NOT_FOUND', paths)).response)
  return app
}

const paths = 'there is no such path: GET /v1/openapi.json tells all there are'

function refuseBody(): never {
  throw new Refusal('BODY_TOO_LARGE', `the body has more than ${bodyBytesMax} bytes`)
}
