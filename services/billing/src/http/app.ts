import type { BeginAnswer } from '@mooring/protocol/metering/wire'
import type { RelayReport, RelayReportAnswer } from '@mooring/protocol/relays/reports'
import { bearsOne } from '@mooring/settings/credentials'
import type { Database } from '@mooring/store/database'
import type { Meters } from '@mooring/telemetry/meters'
import { Hono, type MiddlewareHandler } from 'hono'
import type { z } from 'zod'
import type { CheckReports } from '../checks/check-reports.ts'
import type { Events } from '../events.ts'
import type { MeterDesk } from '../meter/meter-desk.ts'
import { beginSchema, postSchema } from '../meter/schema.ts'
import type { NetworkState } from '../network/network-state.ts'
import { serveNetwork } from '../network/routes.ts'
import { Refusal } from '../refusal.ts'
import { reportSchema } from '../relays/schema.ts'
import { serveBookTotals } from './book-totals.ts'
import { serveChargeFiles } from './charge-files.ts'
import { serveEpochFiles } from './epoch-files.ts'

export type AppParts = {
  desk: MeterDesk
  database: Database
  reports: CheckReports
  meters: Meters
  events: Events
  credentials: readonly string[]
  network: NetworkState
  takeReport(report: RelayReport): Promise<RelayReportAnswer>
  isReady(): Promise<boolean>
}

const bodyBytesMax = 16 * 1_048_576

/** What gateways post, and what an operator asks. */
export function createApp(parts: AppParts): Hono {
  const { desk, reports, meters, events, credentials } = parts
  const app = new Hono()
  app.onError((error, context) => {
    if (error instanceof Refusal) return context.json({ error: error.message }, error.status)
    events.broke(error, `${context.req.method} ${context.req.routePath}`)
    return context.json({ error: 'something broke here: try again' }, 500)
  })
  app.notFound((context) => context.json({ error: paths }, 404))
  app.get('/health', (context) => context.json({ ok: true }))
  app.get('/ready', async (context) => {
    const ok = await parts.isReady()
    return context.json({ ok }, ok ? 200 : 503)
  })
  app.get('/metrics', (context) => context.text(meters.render()))
  app.get('/v1/checks', (context) => context.json(reports.all()))
  serveChargeFiles(app, parts.database)
  serveEpochFiles(app, parts.database)
  serveBookTotals(app, parts.database)
  serveNetwork(app, parts.network)

  const forGateways: MiddlewareHandler = async (context, next) => {
    if (!bearsOne(context.req.header('authorization'), credentials)) {
      throw new Refusal(401, 'bear a credential of a gateway as Authorization: Bearer …')
    }
    await next()
    context.header('cache-control', 'no-store')
  }
  app.use('/v1/meter/*', forGateways)
  app.use('/v1/relays', forGateways)
  app.post('/v1/relays', async (context) => {
    return context.json(await parts.takeReport(parsed(reportSchema, await jsonOf(context.req.raw))))
  })
  app.post('/v1/meter/begin', async (context) => {
    const { instance } = parsed(beginSchema, await jsonOf(context.req.raw))
    return context.json((await desk.begin(instance)) satisfies BeginAnswer)
  })
  app.post('/v1/meter/post', async (context) => {
    const answer = await desk.post(parsed(postSchema, await jsonOf(context.req.raw)))
    return context.json(answer, 'error' in answer ? 409 : 200)
  })
  return app
}

const paths =
  'there is no such path: POST /v1/meter/begin, /v1/meter/post, /v1/relays; GET /v1/charge-files/{asset}/{rootId}, /v1/epoch-files, /v1/books/totals, /v1/network/openapi.json, /network, /v1/checks, /metrics, /health, /ready'

async function jsonOf(request: Request): Promise<unknown> {
  const length = Number(request.headers.get('content-length') ?? 0)
  if (length > bodyBytesMax) throw new Refusal(400, `the body is over ${bodyBytesMax} bytes`)
  try {
    return await request.json()
  } catch {
    throw new Refusal(400, 'the body is no JSON')
  }
}

/** Names what is wrong, and quotes nothing. */
function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.slice(0, problemsMax).map(({ path, code, message }) => {
    const words = code === 'unrecognized_keys' ? 'has a member that means nothing here' : message
    return path.length === 0 ? words : `${path.map(String).join('.')}: ${words}`
  })
  throw new Refusal(400, problems.join('; '))
}

const problemsMax = 10
