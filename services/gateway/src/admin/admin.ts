import type { ReloadReport } from '@mooring/protocol/reports/reload'
import type { Clock } from '@mooring/telemetry/clock'
import type { Meters } from '@mooring/telemetry/meters'
import type { Events } from '../events.ts'
import { pathOf } from '../http/route.ts'
import type { Market } from '../market/market.ts'
import type { Meter } from '../meter/meter.ts'
import type { Served } from '../served.ts'
import { redactedConfig } from './redacted-config.ts'
import { upstreamsReport } from './reports.ts'
import type { TraceBook } from './trace-book.ts'

export type AdminContext = {
  served: () => Pick<Served, 'config' | 'chains'>
  /** Reads the configuration file again; absent where there is none. */
  reload?: ((options: { dryRun: boolean }) => Promise<ReloadReport>) | undefined
  /** Takes the measures of what is only measured when somebody asks. */
  measure: () => void
  /** Undefined where nothing is metered. */
  meter: Pick<Meter, 'report'> | undefined
  /** Undefined where nodes of the settlement chain are not looked for. */
  market: Pick<Market, 'report'> | undefined
  traces: TraceBook
  meters: Meters
  clock: Clock
  events: Events
  isStopping: () => boolean
}

const latestTraces = 50
const paths =
  'GET /health, /ready, /metrics, /v1/upstreams, /v1/market, /v1/meter, /v1/traces and /v1/config; POST /v1/config/reload (?dryRun=1) and /v1/upstreams/{chain}/{provider}/{name}/cordon and /uncordon'

/** The operators' port. Not for the public: it names upstreams and lets them be taken out. */
export async function handleAdmin(
  { method, url, headers }: Request,
  context: AdminContext,
): Promise<Response> {
  const { clock, traces } = context
  const { chains, config } = context.served()
  const path = pathOf(url)
  if (method === 'POST') {
    return isFromABrowser(headers) ? problem(403, noBrowsers) : await change(path, url, context)
  }
  if (method !== 'GET' && method !== 'HEAD') return problem(405, `${method} is not served here`)
  switch (path) {
    case '/health':
      return Response.json({ status: 'ok' })
    case '/ready':
      return readiness(context)
    case '/metrics':
      context.measure()
      return new Response(context.meters.render(), {
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      })
    case '/v1/upstreams':
      return Response.json(upstreamsReport(chains.values(), clock))
    case '/v1/market':
      return context.market === undefined
        ? problem(404, 'this gateway looks for no nodes: its configuration has no market')
        : Response.json(context.market.report())
    case '/v1/meter':
      return context.meter === undefined
        ? problem(404, 'this gateway meters nothing: its configuration has no meter')
        : Response.json(context.meter.report())
    case '/v1/traces':
      return Response.json({ traces: traces.latest(latestTraces) })
    case '/v1/config':
      return Response.json(redactedConfig(config))
  }
  const traceId = /^\/v1\/traces\/([0-9a-f-]{1,64})$/.exec(path)?.[1]
  if (traceId === undefined) return problem(404, `there is no ${path} here: ${paths}`)
  const trace = traces.find(traceId)
  return trace === undefined
    ? problem(
        404,
        `no trace ${traceId} is kept: the latest are those of relayed requests that were tried twice or carried x-mooring-trace: 1`,
      )
    : Response.json(trace)
}

const noBrowsers = 'changes are taken from programs such as curl, not from web pages'

/** A page that an operator visits could send a POST here; only browsers add these headers, and cannot leave them out. */
function isFromABrowser(headers: Headers): boolean {
  return headers.has('origin') || headers.has('sec-fetch-site')
}

/**
 * Ready when some chain has an upstream fit to serve and all upstreams were heard: one chain whose nodes are
 * all down must not take the others out of service, at every gateway at once.
 */
function readiness({ served, isStopping }: AdminContext): Response {
  const all = [...served().chains.values()]
  const states = Object.fromEntries(all.map(({ name, ready }) => [name, ready]))
  // Anybody may stake for a node that never answers; that is no reason to send nobody here.
  const isHeard = all.every(({ upstreams }) =>
    upstreams.every(({ wasHeardOf, staked }) => wasHeardOf || staked !== undefined),
  )
  const ready = !isStopping() && isHeard && Object.values(states).some(Boolean)
  return Response.json(
    { ready, stopping: isStopping(), chains: states },
    { status: ready ? 200 : 503 },
  )
}

async function change(path: string, url: string, context: AdminContext): Promise<Response> {
  if (path !== '/v1/config/reload') return changeUpstream(path, context)
  if (context.reload === undefined) return problem(409, 'this gateway was not started from a file')
  const dryRun = dryRunOf(url)
  if (dryRun === undefined) {
    return problem(400, 'only ?dryRun=1 may stand behind the path: nothing was changed')
  }
  const report = await context.reload({ dryRun })
  return Response.json(report, { status: report.problems.length > 0 ? 422 : 200 })
}

/** Anything but its exact name could be a dry run that was mistyped, which must not change anything. */
function dryRunOf(url: string): boolean | undefined {
  const at = url.indexOf('?')
  const query = at === -1 ? '' : url.slice(at + 1)
  if (query === '' || query === 'dryRun=0' || query === 'dryRun=false') return false
  return query === 'dryRun=1' || query === 'dryRun=true' ? true : undefined
}

/** `POST /v1/upstreams/{chain}/{provider}/{name}/cordon` and `/uncordon`. */
function changeUpstream(path: string, { served, clock, events }: AdminContext): Response {
  const { chains } = served()
  const found = /^\/v1\/upstreams\/([^/]+)\/([^/]+\/[^/]+)\/(cordon|uncordon)$/.exec(path)
  if (found === null) return problem(404, `there is no ${path} to post to: ${paths}`)
  const [, chainName = '', id, verb] = found
  const chain = chains.get(chainName)
  const upstream = chain?.upstreams.find((candidate) => candidate.id === id)
  if (chain === undefined || upstream === undefined) {
    return problem(404, `there is no upstream ${id} of ${chainName}`)
  }
  if (verb === 'cordon') {
    upstream.takeOut('operator', 'taken out by an operator', clock.nowMs())
    events.cordoned(chain, upstream, 'taken out by an operator')
  } else {
    upstream.cordon.lift(clock.nowMs())
    events.uncordoned(chain, upstream)
  }
  chain.review()
  return Response.json({ upstream: upstream.id, gates: upstream.score.gates })
}

function problem(status: number, message: string): Response {
  return Response.json({ message }, { status })
}
