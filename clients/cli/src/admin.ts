import type { TraceReport } from '@mooring/protocol/reports/trace'
import type { UpstreamsReport } from '@mooring/protocol/reports/upstreams'
import type { Context } from './context.ts'
import { CommandError } from './exit-codes.ts'
import { exchange, isRecord, parseJson } from './http.ts'
import { type Location, unreachable } from './locations.ts'

export async function fetchUpstreams(
  context: Context,
  admin: Location,
  signal?: AbortSignal,
): Promise<UpstreamsReport> {
  const report = await fetchReport(context, admin, '/v1/upstreams', signal)
  if (!Array.isArray(report.chains)) throw notAdmin(admin)
  // The admin port is ours; `chains` being there tells it from a stranger on the same port.
  return report as UpstreamsReport
}

export async function fetchTrace(
  context: Context,
  admin: Location,
  traceId: string,
): Promise<TraceReport> {
  const report = await fetchReport(context, admin, `/v1/traces/${encodeURIComponent(traceId)}`)
  if (!Array.isArray(report.attempts)) throw notAdmin(admin)
  // As above: `attempts` tells a trace from anything else.
  return report as TraceReport
}

/** Whether what answers there is the admin port of a gateway. */
export async function isAdminPort(context: Context, { url }: Location): Promise<boolean> {
  const reply = await exchange(context, `${url}/v1/upstreams`)
  if (!reply.ok || reply.headers.has('x-trace-id')) return false
  const report = parseJson(reply.text)
  return isRecord(report) && Array.isArray(report.chains)
}

async function fetchReport(
  context: Context,
  admin: Location,
  path: string,
  signal?: AbortSignal,
): Promise<Record<string, unknown>> {
  const reply = await exchange(context, `${admin.url}${path}`, { signal })
  if (!reply.ok) throw unreachable('admin', admin, reply.detail)
  // Only the port for consumers gives each answer a trace id.
  if (reply.headers.has('x-trace-id')) throw consumersPort(admin)
  const report = parseJson(reply.text)
  if (reply.status !== 200) {
    const why = isRecord(report) ? String(report.message ?? '') : ''
    throw new CommandError(
      'unexpected',
      `${admin.url}${path} answered HTTP ${reply.status}${why === '' ? '' : `: ${why}`}.`,
    )
  }
  if (!isRecord(report)) throw notAdmin(admin)
  return report
}

function consumersPort(admin: Location): CommandError {
  return new CommandError(
    'badInput',
    `What answers at ${admin.url} (from ${admin.origin}) is the port for consumers, not the admin port of\n` +
      "the gateway: that one is `admin` in the gateway's configuration, 8546 unless set.",
  )
}

function notAdmin(admin: Location): CommandError {
  return new CommandError(
    'unexpected',
    `What answers at ${admin.url} (from ${admin.origin}) is not the admin port of a gateway.`,
  )
}
