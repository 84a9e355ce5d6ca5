import { openHttpClient } from '@mooring/http-client/client'
import type { Clock } from '@mooring/telemetry/clock'
import type { ChainConfig, GatewayConfig, UpstreamConfig } from './config.ts'
import { type Callers, createCallers } from './http/callers.ts'
import type { Pipeline } from './pipeline.ts'
import { ServedChain } from './upstreams/served-chain.ts'
import { Upstream } from './upstreams/upstream.ts'

/** Connections per upstream for height queries and probes. */
const probeConnectionsMax = 4
const probeAnswerBytesMax = 1_048_576

/** What follows from a configuration. A reload replaces it as one; a request keeps the one it began with. */
export type Served = {
  config: GatewayConfig
  chains: ReadonlyMap<string, ServedChain>
  callers: Callers
  pipeline: Pipeline
}

export type ServedParts = {
  clock: Clock
  createPipeline: (config: GatewayConfig) => Pipeline
  dropBlocks: (hashes: readonly string[]) => void
}

/** @param previous - Its upstreams and heads are kept where the configuration says the same of them. */
export function createServed(config: GatewayConfig, parts: ServedParts, previous?: Served): Served {
  const chains = config.chains.map((chain): [string, ServedChain] => {
    const before = previous?.chains.get(chain.definition.name)
    // Connections are opened with their limit, so another limit needs other connections.
    const keepsUpstreams = previous?.config.answerBytesMax === config.answerBytesMax
    const context = { ...parts, before, keepsUpstreams }
    return [chain.definition.name, serveChain(chain, config, context)]
  })
  return {
    config,
    chains: new Map(chains),
    callers: createCallers(config),
    pipeline: parts.createPipeline(config),
  }
}

/** All upstreams of all chains. */
export function upstreamsOf({ chains }: Pick<Served, 'chains'>): Upstream[] {
  return [...chains.values()].flatMap(({ upstreams }) => upstreams)
}

function serveChain(
  chain: ChainConfig,
  config: GatewayConfig,
  {
    clock,
    dropBlocks,
    before,
    keepsUpstreams,
  }: ServedParts & { before: ServedChain | undefined; keepsUpstreams: boolean },
): ServedChain {
  const isSameChain = before?.definition.chainId === chain.definition.chainId
  const kept = isSameChain && keepsUpstreams ? before.upstreams : []
  const upstreams = chain.upstreams.map(
    (upstream) =>
      kept.find((each) => isSame(each.config, upstream)) ?? openUpstream(upstream, config, clock),
  )
  const served = new ServedChain(chain, upstreams, { clock, dropBlocks })
  if (isSameChain) served.adopt(before)
  return served
}

function isSame(a: UpstreamConfig, b: UpstreamConfig): boolean {
  return Bun.deepEquals(a, b)
}

function openUpstream(upstream: UpstreamConfig, config: GatewayConfig, clock: Clock): Upstream {
  const options = { url: new URL(upstream.url), headers: upstream.headers, clock }
  const { inFlightMax: connectionsMax } = upstream
  const { answerBytesMax } = config
  const relays = openHttpClient({ ...options, connectionsMax, answerBytesMax })
  const probes = openHttpClient({
    ...options,
    connectionsMax: probeConnectionsMax,
    answerBytesMax: probeAnswerBytesMax,
  })
  return new Upstream(upstream, { relays, probes, clock })
}
