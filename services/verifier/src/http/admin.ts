import { Hono } from 'hono'

export type AdminApi = {
  isReady(): boolean
  metrics(): string
  rotate(): { generation: number }
}

/** For the operator of the verifier alone. */
export function createAdminApp(api: AdminApi): Hono {
  const app = new Hono()
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
  return app
}
