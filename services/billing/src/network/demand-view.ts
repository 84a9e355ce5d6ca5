import { least, sumOf } from '@mooring/market/economy/money/mul-div'
import { rankDemand } from '@mooring/market/network/demand'
import { type ChainSummary, shareOf } from '@mooring/market/network/epoch-summary'
import type {
  NetworkOnChain,
  NodeOnChain,
  ProviderOnChain,
} from '@mooring/onchain/network-on-chain'
import type {
  ChainDemandReport,
  NetworkDemand,
  RegionDemandReport,
} from '@mooring/protocol/reports/network'
import { shownText } from '@mooring/protocol/shown-text'
import { type NetworkFacts, spanOf } from './facts.ts'

const wordCharactersMax = 32
/** Chains and regions are words of providers, who may write what they like. */
const chainsMax = 200
const regionsMax = 32

type Serving = { provider: ProviderOnChain; node: NodeOnChain }

/** Where demand of the newest closed epoch waits for nodes, by the nodes that serve now. */
export function demandOf({ network, epochs }: NetworkFacts): Omit<NetworkDemand, 'at'> {
  const [newest] = epochs
  const asked = new Map((newest?.summary.chains ?? []).map((row) => [row.chain, row]))
  const serving = servingByChain(network)
  const chains = [...new Set([...asked.keys(), ...serving.keys()])].slice(0, chainsMax)
  const rows = chains.map((chain) => ({
    summary: asked.get(chain) ?? emptyChain(chain),
    serving: serving.get(chain) ?? [],
  }))
  const ranked = rankDemand(
    rows.map(({ summary, serving: nodes }) => ({
      ...{ chain: summary.chain, charged: summary.charged, relayed: summary.relayed },
      relayedPlain: summary.relayed - summary.relayedByNodes,
      ...{ asked: summary.asked, failedOrLate: summary.failed + summary.late },
      nodes: BigInt(nodes.length),
    })),
  )
  const byChain = new Map(rows.map((row) => [row.summary.chain, row]))
  return {
    epoch: newest === undefined ? null : spanOf(newest),
    chains: ranked.flatMap(({ chain, waiting, waitingPpm, cause }) => {
      const row = byChain.get(chain)
      if (row === undefined) return []
      const words = { waiting: String(waiting), waitingPpm: String(waitingPpm), cause }
      return { ...chainReport(row.summary, row.serving), ...words }
    }),
  }
}

function servingByChain({ providers, seconds }: NetworkOnChain): Map<string, Serving[]> {
  const serving = providers
    .filter(({ jailedUntil }) => jailedUntil <= seconds)
    .flatMap((provider) =>
      provider.nodes
        .filter(({ status }) => status === 'active')
        .flatMap((node) => node.chains.map((chain) => ({ chain, provider, node }))),
    )
  return Map.groupBy(serving, ({ chain }) => chain)
}

function chainReport(
  summary: ChainSummary,
  serving: readonly Serving[],
): Omit<ChainDemandReport, 'waiting' | 'waitingPpm' | 'cause'> {
  const { chain, charged, relayed, relayedByNodes, asked, failed, late } = summary
  const providers = new Map(serving.map(({ provider }) => [provider.providerId, provider]))
  const stakes = [...providers.values()].map((one) => one.selfStake + one.countedDelegation)
  return {
    chain: shownText(chain, wordCharactersMax),
    ...{ charged: String(charged), relayed: String(relayed) },
    plainPpm: orNull(shareOf(relayed - relayedByNodes, relayed)),
    faultPpm: orNull(shareOf(failed + late, asked)),
    ...{ nodes: serving.length, providers: providers.size, stake: String(sumOf(stakes)) },
    creditsPerNode: perNode(least(charged, relayed), serving.length),
    regions: regionsOf(summary, serving),
  }
}

/** By what their nodes relayed, most for each node first: there one more would find most work. */
function regionsOf(summary: ChainSummary, serving: readonly Serving[]): RegionDemandReport[] {
  const byRegion = Map.groupBy(serving, ({ node }) => shownText(node.region, wordCharactersMax))
  return [...byRegion]
    .map(([region, nodes]) => {
      const relayed = sumOf(nodes.map(({ node }) => summary.nodes.get(node.nodeId) ?? 0n))
      return { region, nodes: nodes.length, relayed, each: relayed / BigInt(nodes.length) }
    })
    .sort((one, other) => (one.each === other.each ? 0 : one.each > other.each ? -1 : 1))
    .slice(0, regionsMax)
    .map(({ region, nodes, relayed, each }) => ({
      ...{ region, nodes, relayed: String(relayed), creditsPerNode: String(each) },
    }))
}

function emptyChain(chain: string): ChainSummary {
  const none = { charged: 0n, relayed: 0n, relayedByNodes: 0n, asked: 0n, answered: 0n }
  return { chain, ...none, failed: 0n, late: 0n, nodes: new Map() }
}

function perNode(credits: bigint, nodes: number): string | null {
  return nodes === 0 ? null : String(credits / BigInt(nodes))
}

function orNull(value: bigint | null): string | null {
  return value === null ? null : String(value)
}
