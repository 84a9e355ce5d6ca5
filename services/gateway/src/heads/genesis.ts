/** What one upstream says of the first block. */
export type GenesisClaim = { provider: string; genesisHash: string }

/** Providers that must say so before a chain is taken to have started anew, where there are as many. */
const agreeing = 2

/**
 * The first block that most providers name. The one known already stands until more providers than still
 * name it, and no fewer than two, say otherwise; a provider alone counts where there is no other.
 *
 * @param providers - How many serve the chain, whether or not they have said anything.
 */
export function agreedGenesis(
  claims: readonly GenesisClaim[],
  { known, providers }: { known: string | undefined; providers: number },
): string | undefined {
  const votes = new Map<string, Set<string>>()
  for (const { provider, genesisHash } of claims) {
    const voters = votes.get(genesisHash)
    if (voters === undefined) votes.set(genesisHash, new Set([provider]))
    else voters.add(provider)
  }
  const [most] = [...votes].sort(([, one], [, other]) => other.size - one.size)
  if (known === undefined) return most?.[0]
  if (most === undefined) return known
  const [genesisHash, voters] = most
  const knownVoters = votes.get(known)?.size ?? 0
  return voters.size > knownVoters && voters.size >= Math.min(agreeing, providers)
    ? genesisHash
    : known
}
