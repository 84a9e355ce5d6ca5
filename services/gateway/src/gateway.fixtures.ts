import type { Deployment } from '@mooring/onchain/deployment'
import type { ReloadReport } from '@mooring/protocol/reports/reload'
import type { TraceReport } from '@mooring/protocol/reports/trace'
import type { UpstreamReport, UpstreamsReport } from '@mooring/protocol/reports/upstreams'
import { parseConfig } from './config-file.ts'
import { startGateway } from './gateway.ts'

/** The chain of tests in this package: blocks each second, as the local networks have. */
export const testChain = 'local_one'
export const testChainId = 31_337

export type TestUpstream = {
  provider: string
  name: string
  url: string
  type?: string
  pool?: string
}

export type RpcAnswerBody = {
  id: unknown
  result?: unknown
  error?: { code: number; message: string; data?: unknown }
}

export type TestGateway = AsyncDisposable & {
  url: string
  adminUrl: string
  /** Sends one request and returns what a consumer would see of the answer. */
  call(method: string, params?: unknown): Promise<RpcAnswerBody>
  /** Sends any body to the test chain. */
  post(body: string, init?: RequestInit & { path?: string }): Promise<Response>
  upstreams(): Promise<UpstreamReport[]>
  trace(method: string, params?: unknown): Promise<TraceReport>
  reload(): Promise<ReloadReport>
  stop(): Promise<{ unfinished: number }>
}

/** A real gateway in this process, on ports of the system's choice. */
export async function startTestGateway(
  upstreams: readonly TestUpstream[],
  settings: Record<string, unknown> = {},
  options: {
    pollIntervalMs?: number
    readyUpstreams?: number
    /** Settings that a reload finds changed. */
    reloadTo?: () => Record<string, unknown>
    /** What the setting `market` names a file with. */
    deployment?: Deployment
    /** Comes back before any upstream serves. */
    isEmpty?: true
  } = {},
): Promise<TestGateway> {
  const { pollIntervalMs = 100, readyUpstreams = upstreams.length } = options
  const value = {
    listen: { port: 0 },
    admin: { port: 0 },
    logLevel: 'silent',
    tiers: {
      community: { requestsPerSecond: 100_000, burstRequests: 100_000, inFlightMax: 10_000 },
    },
    chains: { [testChain]: { pollIntervalMs, upstreams } },
    ...settings,
  }
  const loaded = parseConfig({ value, lineOf: () => null }, {})
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const { deployment } = options
  const gateway = startGateway({ ...loaded.config, deployment }, async () => {
    const next = { ...value, ...options.reloadTo?.() }
    const reloaded = parseConfig({ value: next, lineOf: () => null }, {})
    return reloaded.ok ? { ok: true, config: { ...reloaded.config, deployment } } : reloaded
  })
  const { url, adminUrl } = gateway
  let stopped: Promise<{ unfinished: number }> | undefined
  const stop = () => {
    stopped ??= gateway.stop('test')
    return stopped
  }
  const readUpstreams = async () => {
    const report = (await (await fetch(`${adminUrl}/v1/upstreams`)).json()) as UpstreamsReport
    return report.chains[0]?.upstreams ?? []
  }
  await until(async () => {
    const assigned = (await readUpstreams()).filter(({ score }) => score > 0)
    if (options.isEmpty === true) return true
    return assigned.length >= readyUpstreams && (await fetch(`${adminUrl}/ready`)).ok
  })
  const post: TestGateway['post'] = (body, { path = `/${testChain}`, ...init } = {}) =>
    fetch(url + path, { method: 'POST', body, ...init })
  const bodyOf = (method: string, params: unknown) =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  return {
    url,
    adminUrl,
    stop,
    reload: () => gateway.reload({ dryRun: false }),
    post,
    upstreams: readUpstreams,
    async call(method, params = []) {
      return (await (await post(bodyOf(method, params))).json()) as RpcAnswerBody
    },
    async trace(method, params = []) {
      const response = await post(bodyOf(method, params), { headers: { 'x-mooring-trace': '1' } })
      await response.text()
      const trace = await fetch(`${adminUrl}/v1/traces/${response.headers.get('x-trace-id')}`)
      return (await trace.json()) as TraceReport
    },
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}

/** Waits for something that must come true soon. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 5_000,
): Promise<void> {
  const endMs = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not true within ${timeoutMs} ms: ${condition}`)
    await Bun.sleep(10)
  }
}
