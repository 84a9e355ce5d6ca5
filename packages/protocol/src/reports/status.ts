/** `GET /status` of the public port: what the page shows. No upstream address stands in it. */
export type StatusReport = {
  chains: {
    chain: string
    title: string
    chainId: number
    headBlock: number | null
    ready: boolean
    upstreams: {
      id: string
      score: number
      gates: { gate: string; reason: string }[]
      terms: { term: string; value: number; weight: number; reason: string }[]
      lagBlocks: number | null
      probeLatencyMs: number | null
      share: number
      onProbation: boolean
    }[]
  }[]
  /** What is left of the caller's own rate limit. */
  budget: { limit: number; remaining: number; resetSeconds: number }
}
