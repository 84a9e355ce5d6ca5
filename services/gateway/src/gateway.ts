import { type Clock, systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import { type AdminContext, handleAdmin } from './admin/admin.ts'
import { statusReport } from './admin/reports.ts'
import { TraceBook } from './admin/trace-book.ts'
import type { ChainConfig, GatewayConfig } from './config.ts'
import { createEvents, type Events } from './events.ts'
import { createCallers } from './http/callers.ts'
import { Edge } from './http/edge.ts'
import { startAdminServer, startPublicServer } from './http/server.ts'
import { createTraceIds } from './http/trace-ids.ts'
import { openHttpClient } from './http-client/client.ts'
import { Limiter } from './limits/limiter.ts'
import { createPipeline, createStages } from './pipeline.ts'
import { startPoller } from './upstreams/poller.ts'
import { ServedChain } from './upstreams/served-chain.ts'
import { Upstream } from './upstreams/upstream.ts'

/** Connections per upstream for height queries and probes. */
const probeConnectionsMax = 4
const probeAnswerBytesMax = 1_048_576

export type Gateway = {
  url: string
  adminUrl: string
  /** Finishes running requests, then closes everything. Resolves to how many had to be cut off. */
  stop(signal: string): Promise<{ unfinished: number }>
}

/** Wires the gateway and starts it. Throws when a port is taken. */
export function startGateway(config: GatewayConfig): Gateway {
  const clock = systemClock
  const meters = createMeters()
  const events = createEvents(createLogger('gateway', config.logLevel), meters)
  const chains = new Map(
    config.chains.map((chain) => [chain.definition.name, serveChain(chain, config, clock)]),
  )
  const traces = new TraceBook(clock)
  const edge = createEdge(config, { chains, traces, clock, events })
  let stopping = false
  const admin: AdminContext = {
    config,
    chains,
    traces,
    meters,
    clock,
    events,
    isStopping: () => stopping,
  }
  const publicServer = startPublicServer(config, edge, events)
  const adminServer = startAdminServer(config.admin, (request) => handleAdmin(request, admin))
  const pollers = [...chains.values()].map((chain) => startPoller(chain, clock, events))
  const addresses = { url: publicServer.url, adminUrl: adminServer.url }
  events.started(addresses)
  return {
    ...addresses,
    async stop(signal) {
      stopping = true
      events.stopping(signal)
      const unfinished = await publicServer.stop(config.shutdownMs, clock)
      const polling = Promise.all(pollers.map((poller) => poller.stop()))
      // Ends the queries that are under way, which the pollers wait for.
      for (const chain of chains.values()) for (const upstream of chain.upstreams) upstream.close()
      await polling
      await adminServer.stop(0, clock)
      events.stopped({ unfinished })
      return { unfinished }
    },
  }
}

function createEdge(
  config: GatewayConfig,
  parts: {
    chains: ReadonlyMap<string, ServedChain>
    traces: TraceBook
    clock: Clock
    events: Events
  },
): Edge {
  const { chains, clock, events } = parts
  const providerShareMax = config.providerShareMaxPercent / 100
  return new Edge({
    ...parts,
    config,
    callers: createCallers(config),
    limiter: new Limiter(clock),
    pipeline: createPipeline(
      createStages(
        { clock, events, providerShareMax, random: Math.random },
        config.relayedNamespaces,
      ),
    ),
    nextTraceId: createTraceIds(),
    status: remembered(statusMs, clock, () => statusReport(chains.values(), clock)),
  })
}

/** Anyone may ask for the status, so it is not made anew for each who does. */
const statusMs = 250

function remembered<T>(forMs: number, clock: Clock, make: () => T): () => T {
  let made: { value: T; untilMs: number } | undefined
  return () => {
    const nowMs = clock.nowMs()
    if (made === undefined || nowMs >= made.untilMs)
      made = { value: make(), untilMs: nowMs + forMs }
    return made.value
  }
}

function serveChain(chain: ChainConfig, config: GatewayConfig, clock: Clock): ServedChain {
  const upstreams = chain.upstreams.map((upstream) => {
    const options = { url: new URL(upstream.url), headers: upstream.headers, clock }
    const { inFlightMax: connectionsMax } = upstream
    const relays = openHttpClient({
      ...options,
      connectionsMax,
      answerBytesMax: config.answerBytesMax,
    })
    const probes = openHttpClient({
      ...options,
      connectionsMax: probeConnectionsMax,
      answerBytesMax: probeAnswerBytesMax,
    })
    return new Upstream(upstream, { relays, probes })
  })
  return new ServedChain(chain, upstreams, clock)
}
