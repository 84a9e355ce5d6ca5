import { paramNumbers } from '@mooring/abis/params'
import { least } from '@mooring/market/economy/money/mul-div'
import type { Ppm, Seconds, TokenAmount } from '@mooring/protocol/units'
import { type Address, hexToString } from 'viem'
import { readPart, type System } from './contracts.ts'
import { nodeStatuses, nodeTypes } from './node-names.ts'
import { readMany } from './read-many.ts'

/** The numbers of `StakeKind` on chain. */
const stakeKinds = { delegated: 0, self: 1 } as const

/** Providers and their nodes, all of it in one block. */
export type NetworkOnChain = {
  block: bigint
  seconds: Seconds
  epoch: bigint
  /** All that are registered. */
  total: bigint
  /** So much delegation counts for each unit of own stake. */
  delegationRatioMax: bigint
  providers: ProviderOnChain[]
}

export type ProviderOnChain = {
  providerId: bigint
  owner: Address
  rewardsTo: Address
  metadataUri: string
  jailedUntil: Seconds
  commissionPpm: Ppm
  /** Set last; waiting when its epoch has not begun. */
  lastCommission: { ppm: Ppm; fromEpoch: bigint }
  selfStake: TokenAmount
  delegated: TokenAmount
  countedDelegation: TokenAmount
  nodes: NodeOnChain[]
}

export type NodeOnChain = {
  nodeId: bigint
  status: (typeof nodeStatuses)[number]
  statusSince: Seconds
  type: (typeof nodeTypes)[number]
  /** As the provider wrote it, as are the names of chains. */
  region: string
  chains: string[]
}

/** What a provider's earnings of an epoch that has ended are split by. */
export type EarningTerms = { commissionPpm: Ppm; self: TokenAmount; delegated: TokenAmount }

/** @param most - Providers and nodes beyond that are left out, those with the highest ids first. */
export async function readNetwork(
  system: System,
  { number: block, timestamp: seconds }: { number: bigint; timestamp: bigint },
  most: { providers: number; nodes: number },
): Promise<NetworkOnChain> {
  const at = { blockNumber: block }
  const [total, epoch, delegationRatioMax] = await Promise.all([
    readPart(system, 'registry', 'providerCount', [], at),
    readPart(system, 'params', 'currentEpoch', [], at),
    readPart(system, 'params', 'get', [paramNumbers.DelegationRatioMax], at),
  ])
  const ids = Array.from({ length: Math.min(Number(total), most.providers) }, (_, place) =>
    BigInt(place + 1),
  )
  const providers = await readProviders(system, ids, { block, epoch })
  await readNodes(system, providers, { block, nodesMax: most.nodes })
  return { block, seconds, epoch, total, delegationRatioMax, providers }
}

export type EarningQuestion = {
  providerId: bigint
  firstEpoch: bigint
  epoch: bigint
  /** Its end, which is past. */
  to: Seconds
}

/** Commission is that of the epoch or, where others are closed with it, of the first one when that is lower. */
export async function readEarningTerms(
  system: System,
  block: bigint,
  questions: readonly EarningQuestion[],
): Promise<EarningTerms[]> {
  const registry = { part: 'registry', functionName: 'commissionAt', blockNumber: block } as const
  const pool = { part: 'pool', functionName: 'activeAt', blockNumber: block } as const
  const stakeOf = (kind: number) =>
    readMany(
      system,
      pool,
      // Seconds of chains are far below what a number holds exactly.
      questions.map(({ providerId, to }) => [providerId, kind, Number(to)] as const),
    )
  const commissionOf = (epochOf: (question: EarningQuestion) => bigint) =>
    readMany(
      system,
      registry,
      questions.map((question) => [question.providerId, epochOf(question)] as const),
    )
  const firsts = await commissionOf(({ firstEpoch }) => firstEpoch)
  const lasts = await commissionOf(({ epoch }) => epoch)
  const own = await stakeOf(stakeKinds.self)
  const delegated = await stakeOf(stakeKinds.delegated)
  return questions.map((_, at) => ({
    commissionPpm: least(firsts[at] ?? 0n, lasts[at] ?? 0n),
    ...{ self: own[at] ?? 0n, delegated: delegated[at] ?? 0n },
  }))
}

type Reading = ProviderOnChain & { nodeIds: readonly bigint[] }

async function readProviders(
  system: System,
  ids: readonly bigint[],
  { block: blockNumber, epoch }: { block: bigint; epoch: bigint },
): Promise<Reading[]> {
  const of = ids.map((id) => [id] as const)
  const asked = { part: 'registry', blockNumber } as const
  const pool = { part: 'pool', blockNumber } as const
  const said = await readMany(system, { ...asked, functionName: 'providerOf' }, of)
  const lasts = await readMany(system, { ...asked, functionName: 'lastCommissionOf' }, of)
  const nodeIds = await readMany(system, { ...asked, functionName: 'nodesOf' }, of)
  const counted = await readMany(system, { ...pool, functionName: 'countedDelegationOf' }, of)
  const commissions = await readMany(
    system,
    { ...asked, functionName: 'commissionAt' },
    ids.map((id) => [id, epoch] as const),
  )
  const stakeOf = (kind: number) =>
    readMany(
      system,
      { ...pool, functionName: 'activeOf' },
      ids.map((id) => [id, kind] as const),
    )
  const own = await stakeOf(stakeKinds.self)
  const delegated = await stakeOf(stakeKinds.delegated)
  return said.map(({ owner, rewardsTo, metadataUri, jailedUntil }, at) => {
    const [ppm = 0n, fromEpoch = 0n] = lasts[at] ?? []
    return {
      ...{ providerId: ids[at] ?? 0n, owner, rewardsTo, metadataUri, jailedUntil },
      ...{ commissionPpm: commissions[at] ?? 0n, lastCommission: { ppm, fromEpoch } },
      ...{ selfStake: own[at] ?? 0n, delegated: delegated[at] ?? 0n },
      ...{ countedDelegation: counted[at] ?? 0n, nodes: [], nodeIds: nodeIds[at] ?? [] },
    }
  })
}

async function readNodes(
  system: System,
  providers: readonly Reading[],
  { block: blockNumber, nodesMax }: { block: bigint; nodesMax: number },
): Promise<void> {
  const asked = { part: 'registry', blockNumber } as const
  const owned = providers
    .flatMap((provider) => provider.nodeIds.map((nodeId) => ({ provider, nodeId })))
    .slice(0, nodesMax)
  const of = owned.map(({ nodeId }) => [nodeId] as const)
  const states = await readMany(system, { ...asked, functionName: 'nodeOf' }, of)
  const profiles = await readMany(system, { ...asked, functionName: 'profileOf' }, of)
  for (const [at, { provider, nodeId }] of owned.entries()) {
    const [state, profile] = [states[at], profiles[at]]
    if (state === undefined || profile === undefined) continue
    provider.nodes.push({
      nodeId,
      status: nodeStatuses[state.status] ?? 'none',
      statusSince: state.statusSince,
      type: nodeTypes[profile.nodeType] ?? 'none',
      region: hexToString(profile.region, { size: 32 }),
      // A provider may name a chain twice, and serves it once.
      chains: [...new Set(profile.chains.map((name) => hexToString(name, { size: 32 })))],
    })
  }
}
