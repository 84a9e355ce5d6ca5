/** `GET /v1/market` of the admin port: the nodes that may serve by what the settlement chain says, and whether they do. */
export type MarketReport = {
  /** The newest block of the settlement chain that was read; null before the first. */
  block: string | null
  /** Time since it showed a new block. */
  silenceMs: number
  nodes: MarketNodeReport[]
}

export type MarketNodeReport = {
  nodeId: string
  providerId: string
  /** Names of chains, as the provider wrote them. */
  chains: string[]
  /** Behind each active node of its provider, in base units of ANKR. */
  stake: string
  /** `waiting`: for blocks, or for its provider's document. `refused`: nobody knows where it takes requests. */
  state: 'served' | 'waiting' | 'refused'
  /** Why it is refused. */
  why: string | null
}
