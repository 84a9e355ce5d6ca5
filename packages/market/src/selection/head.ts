export type HeadClaim = { provider: string; headBlock: number }

/** `providers`: how many different ones are in the cluster that was believed. */
export type JudgedHead = { headBlock: number; providers: number }

/**
 * Judges a chain's head from what upstreams claim.
 *
 * Claims within `spreadBlocks` of each other form a cluster; the cluster backed by most different
 * providers wins, then by most upstreams, then the one nearest to the head judged before, then the
 * higher one. Within it the head is the highest block that two providers have reached (one, where the
 * cluster has only one). A single liar far ahead is outvoted; a liar slightly ahead moves nothing.
 *
 * @param spreadBlocks - How far honest upstreams may be apart.
 * @returns The head, or undefined without claims.
 */
export function judgeHead(
  claims: readonly HeadClaim[],
  spreadBlocks: number,
  previousHead: number | undefined,
): JudgedHead | undefined {
  const sorted = [...claims].sort((a, b) => a.headBlock - b.headBlock)
  let best: Cluster | undefined
  for (const [start, { headBlock }] of sorted.entries()) {
    const members: HeadClaim[] = []
    for (let at = start; at < sorted.length; at++) {
      const claim = sorted[at]
      if (claim === undefined || claim.headBlock > headBlock + spreadBlocks) break
      members.push(claim)
    }
    const cluster = clusterOf(members)
    if (best === undefined || outranks(cluster, best, previousHead)) best = cluster
  }
  return best && { headBlock: best.head, providers: best.providers }
}

type Cluster = { head: number; providers: number; upstreams: number }

function clusterOf(ascending: readonly HeadClaim[]): Cluster {
  const reached = new Set<string>()
  const providers = new Set(ascending.map(({ provider }) => provider)).size
  const needed = Math.min(2, providers)
  let head = 0
  for (const claim of ascending.toReversed()) {
    reached.add(claim.provider)
    head = claim.headBlock
    if (reached.size >= needed) break
  }
  return { head, providers, upstreams: ascending.length }
}

function outranks(a: Cluster, b: Cluster, previousHead: number | undefined): boolean {
  if (a.providers !== b.providers) return a.providers > b.providers
  if (a.upstreams !== b.upstreams) return a.upstreams > b.upstreams
  if (previousHead === undefined) return a.head > b.head
  return Math.abs(a.head - previousHead) < Math.abs(b.head - previousHead)
}
