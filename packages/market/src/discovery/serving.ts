/** What the chain says of a provider that has active nodes. Stake is in base units. */
export type StakedProvider = {
  providerId: bigint
  /** In the order of their activation. */
  activeNodeIds: readonly bigint[]
  selfStake: bigint
  /** Delegation up to the part of it that counts. */
  countedDelegation: bigint
  /** 0 or past when it is not jailed. */
  jailedUntilSeconds: bigint
}

export type ServingRule = {
  /** Above 0. */
  selfStakePerNode: bigint
  /** Of the block that the provider was read at. */
  nowSeconds: bigint
}

/** @returns The nodes that may be sent requests: none of one in jail, and of others as many as its own stake covers. */
export function servingNodes(
  { activeNodeIds, selfStake, jailedUntilSeconds }: StakedProvider,
  { selfStakePerNode, nowSeconds }: ServingRule,
): readonly bigint[] {
  if (nowSeconds < jailedUntilSeconds) return []
  // Rounds down: stake for a part of a node carries none. The newest are the first that it does not cover, as on chain.
  const covered = selfStake / selfStakePerNode
  return covered >= activeNodeIds.length ? activeNodeIds : activeNodeIds.slice(0, Number(covered))
}

/** Behind each active node: own stake, and the delegation that counts. Rounds down, against the provider. */
export function stakePerNodeOf({
  activeNodeIds,
  selfStake,
  countedDelegation,
}: StakedProvider): bigint {
  return (selfStake + countedDelegation) / BigInt(Math.max(1, activeNodeIds.length))
}

/** Times more than this are told as this: nobody's score is about them, and a number holds them exactly. */
const timesMax = 1_000_000n
const thousandths = 1_000n

/** How many times the least that a node needs stands behind each of a provider's active nodes, to a thousandth. */
export function stakeTimesOf(provider: StakedProvider, { selfStakePerNode }: ServingRule): number {
  const times = (stakePerNodeOf(provider) * thousandths) / selfStakePerNode
  const most = timesMax * thousandths
  return Number(times < most ? times : most) / Number(thousandths)
}
