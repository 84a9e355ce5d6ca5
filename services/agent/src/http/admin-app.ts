import type { Meters } from '@mooring/telemetry/meters'
import { Hono } from 'hono'

export type AdminContext = {
  meters: Meters
  isReady: () => boolean
  /** What the provider is shown. */
  report: () => AgentReport
}

/** What came in by sessions, and what of it is proven. */
export type AgentReport = {
  nodeId: string
  signer: string
  /** Whether the registry names that key for the node; null while it cannot be read. */
  isRegistered: boolean | null
  epoch: string | null
  sessions: { gateway: string; unproven: Record<string, number> }[]
  /** In the book: windows with a receipt, and how many series of receipts they make up. */
  receipts: { windows: number; series: number }
}

export function createAdminApp({ meters, isReady, report }: AdminContext): Hono {
  const app = new Hono()
  app.notFound((context) =>
    context.json(
      { error: 'there is no such path: GET /health, /ready, /metrics, /v1/report' },
      404,
    ),
  )
  app.get('/health', (context) => context.json({ ok: true }))
  app.get('/ready', (context) => context.json({ ok: isReady() }, isReady() ? 200 : 503))
  app.get('/metrics', (context) => context.text(meters.render()))
  app.get('/v1/report', (context) => context.json(report()))
  return app
}
