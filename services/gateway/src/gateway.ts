import { Deadlines } from '@mooring/http-client/deadlines'
import { Outbox } from '@mooring/http-client/outbox'
import type { ReloadReport } from '@mooring/protocol/reports/reload'
import { type Clock, systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import { Access } from './access/access.ts'
import { handleAdmin } from './admin/admin.ts'
import { statusReport } from './admin/reports.ts'
import { TraceBook } from './admin/trace-book.ts'
import { Agents, type AgentsContext } from './agents/agents.ts'
import { readIdentity } from './agents/identity.ts'
import { MemoryStore } from './cache/answer-store.ts'
import type { GatewayConfig } from './config.ts'
import type { LoadedConfig } from './config-file.ts'
import { Floors } from './consistency/floors.ts'
import { RecentSends } from './consistency/recent-sends.ts'
import { createEvents, type Events } from './events.ts'
import { Edge } from './http/edge.ts'
import { startAdminServer, startPublicServer } from './http/server.ts'
import { createTraceIds } from './http/trace-ids.ts'
import { Limiter } from './limits/limiter.ts'
import { Market } from './market/market.ts'
import { Meter } from './meter/meter.ts'
import { createPipeline, createStages, type Pipeline } from './pipeline.ts'
import { Reloader } from './reload/reloader.ts'
import { createServed, type Served, type ServedParts, withNodes } from './served.ts'

export type Gateway = {
  url: string
  adminUrl: string
  /** Reads the configuration again and serves what it says, or tells why not. */
  reload(options: { dryRun: boolean }): Promise<ReloadReport>
  /** Finishes running requests, then closes everything. Resolves to how many had to be cut off. */
  stop(signal: string): Promise<{ unfinished: number }>
}

/**
 * Wires the gateway and starts it. Throws when a port is taken.
 *
 * @param load - Reads the configuration again, for a reload.
 */
export function startGateway(config: GatewayConfig, load: () => Promise<LoadedConfig>): Gateway {
  const clock = systemClock
  const meters = createMeters()
  const events = createEvents(createLogger('gateway', config.logLevel), meters)
  const store = config.cacheBytesMax > 0 ? new MemoryStore(config.cacheBytesMax) : undefined
  const outbox = new Outbox()
  const onSent = () => outbox.flush()
  const meter = config.meter && new Meter(config.meter, { clock, events, onSent })
  const agents = openAgents(config, {
    ...{ clock, events, tariff: meter?.tariff, billing: config.meter?.billing },
  })
  const parts = {
    agents,
    clock,
    market: config.market,
    createPipeline: pipelineMaker({ clock, events, store, meter }),
    dropBlocks: (hashes: readonly string[]) => store?.dropBlocks(hashes),
  }
  const traces = new TraceBook(clock)
  const access = config.access && new Access(config.access, { clock, events })
  const loadAgreements = async ({ access: settings }: GatewayConfig) => {
    if (settings !== undefined) await access?.agreements.load(settings)
  }
  const reload = async (options: { dryRun: boolean }) => {
    const report = await reloader.reload(options)
    if (report.applied) {
      meter?.tariff.offer(reloader.served.config.prices)
      await loadAgreements(reloader.served.config)
      market?.refresh()
    }
    return report
  }
  const own = { meter, traces, clock, events, served: () => reloader.served }
  const edge = new Edge({
    ...own,
    access,
    agents,
    limiter: new Limiter(clock),
    nextTraceId: createTraceIds(),
    status: remembered(statusMs, clock, () => statusReport(reloader.served.chains.values(), clock)),
  })
  let stopping = false
  const publicServer = startPublicServer(config, { edge, outbox, clock })
  const adminServer = startAdminServer(config.admin, (request) =>
    handleAdmin(request, {
      ...own,
      measure: () => measure(events, { store, meter, market }),
      market,
      reload,
      meters,
      isStopping: () => stopping,
    }),
  )
  // After the servers, whose ports may be taken: nothing is observed for a gateway that does not start.
  const reloader = openReloader(createServed(config, parts), parts, { events, load })
  const market = createMarket(config, { clock, events }, reloader)
  access?.start()
  market?.start()
  meter?.tariff.offer(config.prices)
  meter?.start()
  void loadAgreements(config)
  const addresses = { url: publicServer.url, adminUrl: adminServer.url }
  events.started(addresses)
  return {
    ...addresses,
    reload,
    async stop(signal) {
      stopping = true
      events.stopping(signal)
      const unfinished = await publicServer.stop(config.shutdownMs, clock)
      // After the last request: what it was charged is told too.
      await Promise.all([market?.stop(), reloader.stop(), access?.stop(), meter?.stop()])
      await agents?.stop()
      await adminServer.stop(0, clock)
      events.stopped({ unfinished })
      return { unfinished }
    },
  }
}

function openReloader(
  first: Served,
  parts: ServedParts,
  given: { events: Events; load: () => Promise<LoadedConfig> },
): Reloader {
  return new Reloader(first, {
    ...given,
    clock: parts.clock,
    create: (next, previous) => createServed(next, parts, previous),
    withNodes: (served, nodes) => withNodes(served, nodes, parts),
  })
}

/** Takes the measures that nobody needs until they are read. */
function measure(
  events: Events,
  parts: { store: MemoryStore | undefined; meter: Meter | undefined; market: Market | undefined },
): void {
  if (parts.store !== undefined) events.storeMeasured(parts.store)
  if (parts.meter !== undefined) events.meterMeasured(parts.meter.report())
  if (parts.market !== undefined) events.marketMeasured(parts.market.report())
}

function createMarket(
  { market: settings, deployment }: GatewayConfig,
  parts: { clock: Clock; events: Events },
  reloader: Reloader,
): Market | undefined {
  if (settings === undefined || deployment === undefined) return undefined
  return new Market({
    ...{ ...parts, settings, deployment },
    chains: () => new Set(reloader.served.chains.keys()),
    onNodes: (nodes) => reloader.offer(nodes),
  })
}

/** Undefined where this gateway is nothing to agents. Throws what is wrong with the files of its identity. */
function openAgents(
  { identity: settings }: GatewayConfig,
  context: Omit<AgentsContext, 'identity' | 'settings'>,
): Agents | undefined {
  if (settings === undefined) return undefined
  const identity = readIdentity(settings)
  if ('message' in identity) throw new Error(identity.message)
  return new Agents({ ...context, settings, identity })
}

/** What consumers were shown, have sent and may be answered again outlives a reload. */
function pipelineMaker({
  clock,
  events,
  store,
  meter,
}: {
  clock: Clock
  events: Events
  store: MemoryStore | undefined
  meter: Meter | undefined
}): (config: GatewayConfig) => Pipeline {
  const floors = new Floors()
  const sends = new RecentSends(clock)
  const timers = new Deadlines(clock)
  return ({ providerShareMaxPercent, relayedNamespaces }) => {
    const providerShareMax = providerShareMaxPercent / 100
    const context = {
      clock,
      events,
      floors,
      sends,
      store,
      meter,
      timers,
      providerShareMax,
      random: Math.random,
    }
    return createPipeline(createStages(context, relayedNamespaces))
  }
}

/** Anyone may ask for the status, so it is not made anew for each who does. */
const statusMs = 250

function remembered<T>(forMs: number, clock: Clock, make: () => T): () => T {
  let made: { value: T; untilMs: number } | undefined
  return () => {
    const nowMs = clock.nowMs()
    if (made === undefined || nowMs >= made.untilMs) {
      made = { value: make(), untilMs: nowMs + forMs }
    }
    return made.value
  }
}
