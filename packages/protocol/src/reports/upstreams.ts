/** `GET /v1/upstreams` of the admin port: why each upstream gets the traffic it gets. */
export type UpstreamsReport = { chains: ChainReport[] }

export type ChainReport = {
  chain: string
  title: string
  chainId: number
  /** Head the gateway serves, in blocks; null before any upstream has answered. */
  headBlock: number | null
  /** Its hash, as providers agree on it; null while they do not. */
  headHash: string | null
  /** Highest block that is final; null before that is known. */
  finalBlock: number | null
  /** Time since the head last moved. */
  headAgeMs: number
  upstreams: UpstreamReport[]
}

export type UpstreamReport = {
  /** `{provider}/{name}`, unique within the chain. */
  id: string
  provider: string
  /** Where it stands on the settlement chain; null for one that the operator has named. */
  node: NodeOfUpstream | null
  /** The agent before it; null where there is none, or this gateway has no identity. */
  agent: AgentOfUpstream | null
  /** Whether it serves requests without a key. */
  community: boolean
  /** 1–10, or 0 while a gate keeps it out of selection. */
  score: number
  /** The gates that hold it out, each with a sentence; empty while it is assigned traffic. */
  gates: { gate: string; reason: string }[]
  /** The factors of the score, each 0..1, in the order of the published formula. */
  terms: { term: string; value: number; weight: number; reason: string }[]
  headBlock: number | null
  lagBlocks: number | null
  /** Answer time of the standard probe, smoothed. */
  probeLatencyMs: number | null
  /** Share of recent attempts that succeeded, 0..1. */
  successRate: number
  inFlight: number
  /** Attempts sent to it since start. */
  relays: number
  failures: number
  /** Its part of the chain's relays in about the last minute, 0..1. */
  share: number
  /** On its way back after a cordon: gets a small share of traffic. */
  onProbation: boolean
  lastFailure: { class: string; atMs: number; detail: string } | null
  /** Methods it does not offer, or fails at while others answer: asked elsewhere until then. */
  unsupportedMethods: { method: string; untilMs: number }[]
  /** Oldest block it is known to hold state for; null when nothing was learned. */
  earliestStateBlock: number | null
}

export type AgentOfUpstream = {
  nodeId: string
  /** What it signs with. */
  address: string
  session: 'open' | 'none'
  /** Why there is no session; null while there is one. */
  trouble: string | null
  /** Relays that were delivered and have no receipt yet. */
  unprovenRelays: number
}

export type NodeOfUpstream = {
  nodeId: string
  providerId: string
  /** Behind each active node of its provider, in base units of ANKR: own stake, and the delegation that counts. */
  stake: string
}
