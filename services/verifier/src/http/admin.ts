import { Hono } from 'hono'
import { z } from 'zod'
import type { EndState } from '../group/end-votes.ts'
import { VerifierRefusal } from '../refusal.ts'
import { parseBody, problemResponse } from './problems.ts'

export type AdminApi = {
  isReady(): boolean
  metrics(): string
  rotate(): { generation: number }
  broke(error: unknown): void
  /** Votes for one key, or all, to end at once. */
  endAtOnce(kid?: string): Promise<EndState[]>
}

/** `kid` left out: every key that this verifier has. */
const endKeyRequest = z.strictObject({ kid: z.string().max(64).optional() })

/** For the operator of the verifier alone. */
export function createAdminApp(api: AdminApi): Hono {
  const app = new Hono()
  app.onError((error) => {
    const { response, code } = problemResponse(error)
    if (code === 'INTERNAL') api.broke(error)
    return response
  })
  app.use(async (context, next) => {
    // A page in the operator's browser must not be able to ask for anything here.
    if (context.req.method !== 'GET' && context.req.header('origin') !== undefined) {
      return context.json({ message: 'not for browsers' }, 403)
    }
    return next()
  })
  app.get('/health', (context) => context.json({ status: 'ok' }))
  app.get('/ready', (context) => context.json({ ready: api.isReady() }, api.isReady() ? 200 : 503))
  app.get('/metrics', (context) =>
    context.text(api.metrics(), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  )
  app.post('/v1/rotate', (context) => context.json(api.rotate()))
  app.post('/v1/end-key', async (context) => {
    const { kid } = parseBody(endKeyRequest, await context.req.text())
    const keys = await api.endAtOnce(kid)
    if (keys.length > 0) return context.json({ keys })
    const message = 'this verifier has no such key: `/.well-known/jwks.json` lists those it has'
    throw new VerifierRefusal('NOT_FOUND', message)
  })
  return app
}
