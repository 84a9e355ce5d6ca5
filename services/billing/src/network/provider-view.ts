import { splitPayout } from '@mooring/market/economy/rewards/payout-split'
import { earningDelegation } from '@mooring/market/economy/staking/staking-pool'
import { aprOf, type DelegatorsEpoch } from '@mooring/market/network/apr'
import { qualityOfAll } from '@mooring/market/network/epoch-summary'
import { missedReasonOf } from '@mooring/market/network/missed'
import type { NodeOnChain, ProviderOnChain } from '@mooring/onchain/network-on-chain'
import { parseNodeMetadata, textOfDataUri } from '@mooring/onchain/node-metadata'
import type {
  NetworkNode,
  NetworkProviderDetail,
  ProviderEpoch,
} from '@mooring/protocol/reports/network'
import { shownText } from '@mooring/protocol/shown-text'
import { type ClosedEpoch, earningKey, type NetworkFacts, spanOf } from './facts.ts'

const nameCharactersMax = 64
const wordCharactersMax = 32

type Detail = Omit<NetworkProviderDetail, 'at'>

/** What is told of a provider: what the chain says now, and what its closed epochs came to. */
export function providerOf(
  facts: NetworkFacts,
  provider: ProviderOnChain,
  aprEpochs: number,
): Detail {
  const { network } = facts
  const { selfStake, delegated, countedDelegation, lastCommission, jailedUntil } = provider
  const isJailed = jailedUntil > network.seconds
  const nodes = provider.nodes.map((node) => nodeOf(node, isJailed))
  const active = nodes.filter(({ status }) => status === 'active')
  const epochs = facts.epochs.map((closed) => epochOfProvider(facts, provider, closed))
  const isWaiting = lastCommission.fromEpoch > network.epoch
  return {
    id: String(provider.providerId),
    name: nameIn(provider.metadataUri),
    ...{ owner: provider.owner, rewardsTo: provider.rewardsTo },
    stake: String(selfStake + delegated),
    ...{ selfStake: String(selfStake), delegated: String(delegated) },
    countedDelegation: String(countedDelegation),
    delegationCap: String(selfStake * network.delegationRatioMax),
    commissionPpm: String(provider.commissionPpm),
    announcedCommission: isWaiting
      ? { ppm: String(lastCommission.ppm), fromEpoch: String(lastCommission.fromEpoch) }
      : null,
    jailedUntil: isJailed ? Number(jailedUntil) : null,
    nodes: { active: active.length, total: nodes.length },
    chains: [...new Set(active.flatMap(({ chains }) => chains))].sort(),
    ...newestOf(facts, provider),
    ...returnsOf(epochs.slice(0, aprEpochs)),
    missedEpochs: epochs.filter(({ missed }) => missed !== null).length,
    ...{ nodeList: nodes, epochs },
  }
}

/** A name is taken from what the chain itself holds: nobody's server is asked for it. */
function nameIn(metadataUri: string): string | null {
  const text = textOfDataUri(metadataUri)
  if (text === undefined) return null
  try {
    return shownText(parseNodeMetadata(text).name ?? '', nameCharactersMax) || null
  } catch {
    // What a provider writes there is its own affair; one that cannot be read names nobody.
    return null
  }
}

function nodeOf({ nodeId, statusSince, ...node }: NodeOnChain, isJailed: boolean): NetworkNode {
  return {
    ...{ id: String(nodeId), status: node.status, statusSince: Number(statusSince) },
    type: node.type,
    region: shownText(node.region, wordCharactersMax),
    chains: node.chains.map((name) => shownText(name, wordCharactersMax)),
    serving: node.status === 'active' && !isJailed,
  }
}

function newestOf({ epochs }: NetworkFacts, { providerId }: ProviderOnChain) {
  const [newest] = epochs
  if (newest === undefined) return { qualityPpm: null, earned: null }
  const done = newest.summary.providers.get(providerId)
  const qualityPpm = qualityOfAll(done?.work ?? [])
  return {
    qualityPpm: qualityPpm === null ? null : String(qualityPpm),
    earned: String(done?.earned ?? 0n),
  }
}

function epochOfProvider(
  { network, earnings }: NetworkFacts,
  { providerId, nodes }: ProviderOnChain,
  closed: ClosedEpoch,
): ProviderEpoch {
  const { summary } = closed
  const { number: epoch, firstEpoch } = summary
  const done = summary.providers.get(providerId)
  const earned = done?.earned ?? 0n
  const terms = earnings.get(earningKey({ providerId, firstEpoch, epoch }))
  const standing = nodes
    .filter(({ status }) => status === 'active')
    .map(({ statusSince, chains }) => ({ activeSince: statusSince, chains }))
  return {
    ...spanOf(closed),
    earned: String(earned),
    split: terms === undefined ? null : splitOf(earned, terms, network.delegationRatioMax),
    missed: missedReasonOf(summary, providerId, standing),
    work: (done?.work ?? []).map(({ chain, ...counts }) => ({
      ...{ chain, credits: String(counts.credits), asked: String(counts.asked) },
      ...{ answered: String(counts.answered), failed: String(counts.failed) },
      ...{ late: String(counts.late), qualityPpm: String(counts.qualityPpm) },
    })),
  }
}

/** As the distributor splits a payment that is pushed now. */
function splitOf(
  earned: bigint,
  { commissionPpm, self, delegated }: { commissionPpm: bigint; self: bigint; delegated: bigint },
  ratioMax: bigint,
): ProviderEpoch['split'] {
  const counted = earningDelegation({ self, delegated }, ratioMax)
  const { toProvider, toDelegators } = splitPayout(earned, commissionPpm, { self, counted })
  return {
    ...{ commissionPpm: String(commissionPpm), toProvider: String(toProvider) },
    ...{ toDelegators: String(toDelegators), selfStake: String(self) },
    ...{ delegated: String(delegated), countedDelegation: String(counted) },
  }
}

/** Nothing is told while an epoch of them is not known yet: it would be another figure a moment later. */
function returnsOf(epochs: readonly ProviderEpoch[]): Pick<Detail, 'aprPpm' | 'delegatedAprPpm'> {
  const splits = epochs.map(({ split, from, to }) => split && { split, seconds: BigInt(to - from) })
  const known = splits.filter((split) => split !== null)
  if (known.length < splits.length) return { aprPpm: null, delegatedAprPpm: null }
  const aprBy = (stake: 'countedDelegation' | 'delegated'): string | null => {
    const had = known.map(
      ({ split, seconds }): DelegatorsEpoch => ({
        ...{ toDelegators: BigInt(split.toDelegators), stake: BigInt(split[stake]), seconds },
      }),
    )
    const apr = aprOf(had)
    return apr === null ? null : String(apr)
  }
  return { aprPpm: aprBy('countedDelegation'), delegatedAprPpm: aprBy('delegated') }
}
