import { type HttpClient, openHttpClient } from '@mooring/http-client/client'
import type { Locate } from '@mooring/http-client/connection'
import { relayHeaders } from '@mooring/protocol/relays/sessions'
import type { Clock } from '@mooring/telemetry/clock'
import type { AgentLink } from './agents/agent-link.ts'
import type { Agents } from './agents/agents.ts'
import type { ChainConfig, GatewayConfig, UpstreamConfig } from './config.ts'
import type { MarketSettings } from './config-market.ts'
import { type Callers, createCallers } from './http/callers.ts'
import { type MarketNode, upstreamFor } from './market/node-upstreams.ts'
import { locateBy, rulesOf } from './market/reach.ts'
import type { Pipeline } from './pipeline.ts'
import { ServedChain } from './upstreams/served-chain.ts'
import { Upstream } from './upstreams/upstream.ts'

/** Connections per upstream for height queries and probes. */
const probeConnectionsMax = 4
const probeAnswerBytesMax = 1_048_576

/** What follows from a configuration. A reload replaces it as one; a request keeps the one it began with. */
export type Served = {
  config: GatewayConfig
  /** Found on the settlement chain, beside the upstreams of the configuration. */
  nodes: readonly MarketNode[]
  chains: ReadonlyMap<string, ServedChain>
  callers: Callers
  pipeline: Pipeline
}

export type ServedParts = {
  clock: Clock
  /** As the process was started with it. */
  market: MarketSettings | undefined
  createPipeline: (config: GatewayConfig) => Pipeline
  dropBlocks: (hashes: readonly string[]) => void
  /** Undefined where no upstream has an agent. */
  agents?: Agents | undefined
}

/** @param previous - Its nodes, and its upstreams and heads are kept where the configuration says the same of them. */
export function createServed(config: GatewayConfig, parts: ServedParts, previous?: Served): Served {
  const nodes = previous?.nodes ?? []
  return {
    ...{ config, nodes },
    chains: serveChains({ config, nodes }, parts, previous),
    callers: createCallers(config),
    pipeline: parts.createPipeline(config),
  }
}

/** The same with other nodes. Chains that they change nothing for stay the very same. */
export function withNodes(
  served: Served,
  nodes: readonly MarketNode[],
  parts: ServedParts,
): Served {
  const { config } = served
  return { ...served, nodes, chains: serveChains({ config, nodes }, parts, served) }
}

/** All upstreams of all chains. */
export function upstreamsOf({ chains }: Pick<Served, 'chains'>): Upstream[] {
  return [...chains.values()].flatMap(({ upstreams }) => upstreams)
}

type Wanted = Pick<Served, 'config' | 'nodes'>

function serveChains(
  wanted: Wanted,
  parts: ServedParts,
  previous: Served | undefined,
): Map<string, ServedChain> {
  const { config } = wanted
  // Connections are opened with their limit, so another limit needs other connections.
  const keepsUpstreams = previous?.config.answerBytesMax === config.answerBytesMax
  const chains = config.chains.map((chain): [string, ServedChain] => {
    const before = previous?.chains.get(chain.definition.name)
    const context = { ...parts, before, keepsUpstreams }
    return [chain.definition.name, serveChain(chain, wanted, context)]
  })
  return new Map(chains)
}

function serveChain(
  chain: ChainConfig,
  wanted: Wanted,
  {
    before,
    keepsUpstreams,
    ...parts
  }: ServedParts & { before: ServedChain | undefined; keepsUpstreams: boolean },
): ServedChain {
  const isSameChain = before?.definition.chainId === chain.definition.chainId
  const kept = isSameChain && keepsUpstreams ? before.upstreams : []
  const upstreams = placesOf(chain, wanted.nodes, parts).map(({ upstream, node }) => {
    const found =
      kept.find((each) => isSame(each.config, upstream)) ??
      openUpstream({ upstream, node }, wanted.config, { ...parts, chain: chain.definition.name })
    found.staked = node
    return found
  })
  const isAsBefore =
    isSameChain &&
    Bun.deepEquals(before.definition, chain.definition) &&
    before.pollIntervalMs === chain.pollIntervalMs &&
    before.upstreams.length === upstreams.length &&
    before.upstreams.every((upstream, at) => upstream === upstreams[at])
  if (isAsBefore) return before
  const served = new ServedChain(chain, upstreams, parts)
  if (isSameChain) served.adopt(before)
  return served
}

/** An upstream, and the node that it is; undefined for one that the operator has named. */
type Place = { upstream: UpstreamConfig; node: MarketNode | undefined }

/** Where a chain is served: at what the configuration names, and at nodes of the settlement chain. */
function placesOf(
  { definition, upstreams }: ChainConfig,
  nodes: readonly MarketNode[],
  { market, agents }: ServedParts,
): Place[] {
  const named = upstreams.map((upstream) => ({ upstream, node: undefined }))
  if (market === undefined) return named
  const how = { inFlightMax: market.inFlightMax, hasIdentity: agents !== undefined }
  const found = nodes
    .filter(({ chains }) => chains.includes(definition.name))
    .map((node) => ({ upstream: upstreamFor(node, definition.name, how), node }))
    // With a chain's name in its place, what was a URL may be none.
    .filter(({ upstream }) => URL.canParse(upstream.url))
  return [...named, ...found]
}

function isSame(a: UpstreamConfig, b: UpstreamConfig): boolean {
  return Bun.deepEquals(a, b)
}

function openUpstream(
  { upstream, node }: Place,
  { answerBytesMax }: GatewayConfig,
  { market, clock, agents, chain }: ServedParts & { chain: string },
): Upstream {
  const { url, headers, inFlightMax: connectionsMax } = upstream
  // Operators connect to wherever they like; what others name is looked at before each connection.
  const isChecked = node !== undefined && market !== undefined
  const locate = isChecked ? locateBy(url, rulesOf(market)) : undefined
  const options = { url: new URL(url), headers, clock, locate }
  const relays = openHttpClient({ ...options, connectionsMax, answerBytesMax })
  const probes = openHttpClient({
    ...options,
    connectionsMax: probeConnectionsMax,
    answerBytesMax: probeAnswerBytesMax,
  })
  const link = linkOf(upstream, { ...options, relays, probes, agents, chain })
  const opened = new Upstream(upstream, { relays, probes, clock, link })
  opened.onClosed = agents?.watch({
    ...{ work: opened.work, chain },
    node: () => upstream.agent?.nodeId ?? String(opened.staked?.nodeId ?? 0),
  })
  // Nobody has vouched for it yet but its stake: it is measured with a small part of the traffic first.
  if (isChecked) opened.cordon.startProbation()
  return opened
}

/** The tie to the agent before an upstream, which sees to it that requests bear the token of its session. */
function linkOf(
  { provider, name, headers, agent }: UpstreamConfig,
  { url, locate, relays, probes, agents, chain }: Linked,
): AgentLink | undefined {
  if (agent === undefined) return undefined
  // A configuration with an agent and without an identity is refused, and a node of the chain has none then.
  if (agents === undefined) throw new Error('an upstream has an agent, and there is no identity')
  const address = { url, headers, locate, nodeId: agent.nodeId, signer: agent.address, chain }
  return agents.link(`${chain} ${provider}/${name}`, address, (token) => {
    const session = token === undefined ? {} : { [relayHeaders.session]: token }
    relays.setHeaders({ ...headers, ...session })
    probes.setHeaders({ ...headers, ...session, [relayHeaders.probe]: '1' })
  })
}

type Linked = Pick<ServedParts, 'agents'> & {
  url: URL
  locate: Locate | undefined
  relays: HttpClient
  probes: HttpClient
  chain: string
}
