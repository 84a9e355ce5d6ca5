/** What the gateway knows of one upstream at one moment: the whole input of its score. */
export type Observation = {
  chainId: 'unchecked' | 'right' | 'wrong'
  /** False once the upstream left height queries unanswered. */
  answersHeight: boolean
  /** What came instead of an answer, in a word that may be shown to anyone. */
  silence?: string | undefined
  /** Blocks behind the chain's head; negative when it claims to be ahead; undefined before its first answer. */
  lagBlocks: number | undefined
  /** Smoothed answer time of the standard probe from this gateway; undefined before the first one. */
  probeLatencyMs: number | undefined
  /** Share of recent attempts that succeeded, 0..1. */
  successRate: number
  inFlight: number
  inFlightMax: number
  /**
   * How many times the least stake of a node stands behind it; undefined for one that needs none, because the operator
   * has named it.
   */
  stakeTimes: number | undefined
  /** Why it is taken out of selection, in a sentence. */
  cordonReason: string | undefined
  /** Why there is no session with the agent in front of it, in a sentence; left out where it has none. */
  agentTrouble?: string | undefined
}

export type LagRule = {
  freshBlocks: number
  criticalBlocks: number
  /** Blocks an upstream may be ahead of the judged head before its claim is disbelieved. */
  aheadBlocksMax: number
}
