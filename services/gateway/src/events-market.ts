import type { MarketReport } from '@mooring/protocol/reports/market'
import type { Logger } from '@mooring/telemetry/logger'
import type { Meters } from '@mooring/telemetry/meters'

type NodeName = { nodeId: bigint; providerId: bigint }

/** What the gateway tells about nodes that registered themselves, as in `events.ts`. */
export function createMarketEvents(logger: Logger, meters: Meters) {
  const m = createMarketMeters(meters)
  let failure: string | undefined
  return {
    nodeJoined(node: NodeName & { chains: readonly string[] }) {
      m.changes.inc('joined')
      logger.info('node is served', { ...nameOf(node), chains: node.chains })
    },
    nodeLeft(node: NodeName, why: string) {
      m.changes.inc('left')
      logger.warn('node is served no longer', { ...nameOf(node), why })
    },
    /** It may serve by what the chain says, and nobody knows where it is. */
    nodeRefused(node: NodeName, why: string) {
      m.changes.inc('refused')
      logger.warn('node is not served', { ...nameOf(node), why })
    },
    settlementAnswered() {
      if (failure !== undefined) logger.info('settlement chain is read')
      failure = undefined
    },
    /** @param place - Of the node of the chain in the configuration, from 1. */
    settlementFailed(place: number, why: string) {
      m.failures.inc()
      const told = `${place} ${why}`
      if (failure !== told) logger.warn('settlement chain cannot be read', { node: place, why })
      failure = told
    },
    settlementSilent(silenceMs: number) {
      logger.error('settlement chain has shown no new block: nodes are served as they were', {
        silenceMs: Math.round(silenceMs),
      })
    },
    marketMeasured({ silenceMs, nodes }: MarketReport) {
      m.silence.set(silenceMs / 1_000)
      for (const state of ['served', 'waiting', 'refused'] as const) {
        m.nodes.set(nodes.filter((node) => node.state === state).length, state)
      }
    },
  }
}

function nameOf({ nodeId, providerId }: NodeName) {
  return { nodeId: String(nodeId), providerId: String(providerId) }
}

function createMarketMeters(meters: Meters) {
  return {
    changes: meters.counter(
      'mooring_gateway_market_node_changes_total',
      'Times that a registered node came, left, or was refused',
      ['change'],
    ),
    failures: meters.counter(
      'mooring_gateway_market_failures_total',
      'Times that the settlement chain could not be read',
      [],
    ),
    silence: meters.gauge(
      'mooring_gateway_market_silence_seconds',
      'Time since the settlement chain showed a new block',
      [],
    ),
    nodes: meters.gauge(
      'mooring_gateway_market_upstreams',
      'Registered nodes that may serve, by whether they do',
      ['state'],
    ),
  }
}
