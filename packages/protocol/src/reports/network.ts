/**
 * What `GET /v1/network/…` of the billing service tells everybody of a network. Ids, epochs, amounts, credits and rates in
 * PPM are decimal strings: tokens in base units of ANKR. Times are seconds since 1970, by the clock of the chain.
 */

/** The block that everything of the chain was read in. */
export type NetworkMoment = { block: string; seconds: number; epoch: string }

/** Signed by nobody yet; posted, and waiting for its date; or what payouts are made by. */
export type EpochState = 'made' | 'posted' | 'active'

export type NetworkProviders = {
  at: NetworkMoment
  /** All that the chain has; more than are told of where there are more than this service reads. */
  total: number
  known: number
  /** By stake, most first. */
  providers: NetworkProvider[]
  /** For the page after this one; null on the last one. */
  next: string | null
}

export type NetworkProvider = {
  id: string
  /** As it calls itself; null where it says nothing on chain. Anybody may take any name. */
  name: string | null
  /** Its own and its delegators', whatever counts of it. */
  stake: string
  selfStake: string
  delegated: string
  /** Of what is delegated, the part that earns beside its own stake. */
  countedDelegation: string
  /** At most so much delegation counts. */
  delegationCap: string
  commissionPpm: string
  /** Null when none waits. */
  announcedCommission: { ppm: string; fromEpoch: string } | null
  /** Null when it is not jailed. */
  jailedUntil: number | null
  nodes: { active: number; total: number }
  /** That its active nodes serve. */
  chains: string[]
  /** Of the newest closed epoch; null where it relayed nothing, or nothing is known. */
  qualityPpm: string | null
  earned: string | null
  /** A year's return on the delegation that counted, at the rate of the last epochs. */
  aprPpm: string | null
  /** The same on all that was delegated, counted or not: what a delegator has had. */
  delegatedAprPpm: string | null
  /** Of the epochs that are told of. */
  missedEpochs: number
}

export type NetworkProviderDetail = NetworkProvider & {
  at: NetworkMoment
  owner: string
  rewardsTo: string
  nodeList: NetworkNode[]
  /** Newest first. */
  epochs: ProviderEpoch[]
}

export type NetworkNode = {
  id: string
  status: string
  statusSince: number
  type: string
  region: string
  chains: string[]
  /** Active, of a provider that is not jailed. */
  serving: boolean
}

export type ProviderEpoch = EpochSpanReport & {
  earned: string
  /** How it is split when it is paid; null while the chain was not asked yet. */
  split: ProviderSplit | null
  missed: 'no-relays' | 'no-quality' | null
  /** Its record: what its nodes did for each chain. */
  work: ProviderWorkReport[]
}

export type ProviderSplit = {
  commissionPpm: string
  toProvider: string
  toDelegators: string
  selfStake: string
  delegated: string
  countedDelegation: string
}

export type ProviderWorkReport = {
  chain: string
  credits: string
  asked: string
  answered: string
  failed: string
  late: string
  qualityPpm: string
}

export type EpochSpanReport = {
  epoch: string
  /** Lower where it closes epochs before it too. */
  firstEpoch: string
  from: number
  to: number
  state: EpochState
}

export type NetworkEpochs = {
  at: NetworkMoment
  /** Newest first. */
  epochs: NetworkEpoch[]
}

export type NetworkEpoch = EpochSpanReport & {
  /** Of its file's data. */
  dataHash: string
  charged: string
  chains: { chain: string; charged: string; relayed: string }[]
  paid: string
  withheld: string
  /** That worked or were paid. */
  providers: number
}

export type NetworkDemand = {
  at: NetworkMoment
  /** The closed epoch that it is about; null before the first one. */
  epoch: EpochSpanReport | null
  /** Most wanted first. */
  chains: ChainDemandReport[]
}

export type ChainDemandReport = {
  chain: string
  charged: string
  relayed: string
  /** Part of relays that plain upstreams answered, which are nobody's staked nodes; null without relays. */
  plainPpm: string | null
  /** Part of what nodes were asked that they failed or were late with; null where none was asked. */
  faultPpm: string | null
  /** Of now, serving. */
  nodes: number
  providers: number
  /** Of these providers: their own stake and the delegation that counts. */
  stake: string
  /** What relays of the chain earn, by nodes that serve now; null without any. */
  creditsPerNode: string | null
  /** Of what was charged, what waits for more or better nodes. */
  waiting: string
  waitingPpm: string
  cause: 'none' | 'no-nodes' | 'plain' | 'faults' | 'load'
  regions: RegionDemandReport[]
}

export type RegionDemandReport = {
  region: string
  /** Of now, serving. */
  nodes: number
  /** Credits that nodes of this region relayed. */
  relayed: string
  creditsPerNode: string | null
}
