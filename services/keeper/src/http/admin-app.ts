import type { Meters } from '@mooring/telemetry/meters'
import { Hono } from 'hono'
import type { ChoreReport } from '../rounds.ts'

export type AdminContext = {
  meters: Meters
  isReady: () => boolean
  report: () => KeeperReport
}

export type KeeperReport = {
  /** Who pays for gas. */
  address: string
  chores: ChoreReport[]
}

export function createAdminApp({ meters, isReady, report }: AdminContext): Hono {
  const app = new Hono()
  app.notFound((context) =>
    context.json(
      { error: 'there is no such path: GET /health, /ready, /metrics, /v1/chores' },
      404,
    ),
  )
  app.get('/health', (context) => context.json({ ok: true }))
  app.get('/ready', (context) => context.json({ ok: isReady() }, isReady() ? 200 : 503))
  app.get('/metrics', (context) => context.text(meters.render()))
  app.get('/v1/chores', (context) => context.json(report()))
  return app
}
