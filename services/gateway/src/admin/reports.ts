import type { StatusReport } from '@mooring/protocol/reports/status'
import type {
  AgentOfUpstream,
  ChainReport,
  NodeOfUpstream,
  UpstreamReport,
  UpstreamsReport,
} from '@mooring/protocol/reports/upstreams'
import type { Clock } from '@mooring/telemetry/clock'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { Upstream } from '../upstreams/upstream.ts'

/** The state of every upstream, as operators read it. */
export function upstreamsReport(chains: Iterable<ServedChain>, clock: Clock): UpstreamsReport {
  return { chains: [...chains].map((chain) => chainReport(chain, clock)) }
}

/** The part of it that anyone may read. */
export function statusReport(
  chains: Iterable<ServedChain>,
  clock: Clock,
): Pick<StatusReport, 'chains'> {
  return {
    chains: [...chains].map((chain) => {
      const { title, chainId, headBlock, upstreams } = chainReport(chain, clock)
      return {
        chain: chain.name,
        title,
        chainId,
        headBlock,
        ready: chain.ready,
        upstreams: upstreams.map(
          ({ id, score, gates, terms, lagBlocks, probeLatencyMs, share, onProbation }) => ({
            id,
            score,
            gates,
            terms,
            lagBlocks,
            probeLatencyMs,
            share,
            onProbation,
          }),
        ),
      }
    }),
  }
}

function chainReport(chain: ServedChain, clock: Clock): ChainReport {
  chain.review()
  return {
    chain: chain.name,
    title: chain.definition.title,
    chainId: chain.definition.chainId,
    headBlock: chain.headBlock ?? null,
    headHash: hashOfHead(chain) ?? null,
    finalBlock: chain.finalBlock ?? null,
    headAgeMs: Math.round(chain.headAgeMs),
    upstreams: chain.upstreams.map((upstream) => upstreamReport(chain, upstream, clock)),
  }
}

function hashOfHead({ headBlock, canonical }: ServedChain): string | undefined {
  return headBlock === undefined ? undefined : canonical.hashOf(headBlock)
}

function upstreamReport(chain: ServedChain, upstream: Upstream, clock: Clock): UpstreamReport {
  const nowMs = clock.nowMs()
  const { headBlock, probeLatencyMs, score } = upstream
  return {
    id: upstream.id,
    provider: upstream.provider,
    node: nodeOf(upstream),
    agent: agentOf(upstream),
    community: upstream.servesCommunity,
    score: score.score,
    gates: score.gates,
    terms: score.terms.map((term) => ({ ...term, value: round(term.value, 3) })),
    headBlock: headBlock ?? null,
    lagBlocks:
      headBlock === undefined || chain.headBlock === undefined
        ? null
        : Math.max(0, chain.headBlock - headBlock),
    probeLatencyMs: probeLatencyMs === undefined ? null : round(probeLatencyMs, 1),
    successRate: round(upstream.successes.value, 4),
    inFlight: upstream.inFlight,
    relays: upstream.relayCount,
    failures: upstream.failureCount,
    share: round(chain.upstreamShares.of(upstream.id), 3),
    onProbation: upstream.cordon.onProbation,
    lastFailure: upstream.lastFailure ?? null,
    unsupportedMethods: upstream.lessons.unsupportedMethods(nowMs).map(({ method, leftMs }) => ({
      method,
      untilMs: Math.round(clock.wallMs() + leftMs),
    })),
    earliestStateBlock: upstream.lessons.earliestStateBlock(nowMs) || null,
  }
}

function agentOf({ link }: Upstream): AgentOfUpstream | null {
  if (link === undefined) return null
  const { node, isOpen, trouble, unproven } = link
  return {
    nodeId: String(node.nodeId),
    address: node.signer,
    session: isOpen ? 'open' : 'none',
    trouble: trouble ?? (isOpen ? null : 'too many of its relays wait for receipts'),
    unprovenRelays: unproven,
  }
}

function nodeOf({ staked }: Upstream): NodeOfUpstream | null {
  if (staked === undefined) return null
  const { nodeId, providerId, stake } = staked
  return {
    nodeId: String(nodeId),
    providerId: String(providerId),
    stake: String(stake.perNode),
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
