import { createSources, type Sources, type SourcesOptions } from './sources.ts'

/** A test chain, as far as sources and watchers need it. */
export type NodesOfChain<Deployment extends { chainId: number } = { chainId: number }> = {
  nodes: readonly { url: string }[]
  system: { deployment: Deployment }
}

/**
 * Sources over the nodes of a test chain, with clients of their own: two equal questions that one client asks at once
 * are one, and the answer to another's may be from before.
 */
export function sourcesOver(
  { nodes, system }: NodesOfChain,
  options: Partial<SourcesOptions> = {},
): Sources {
  const urls = nodes.map(({ url }) => url)
  const { chainId } = system.deployment
  return createSources({ urls, chainId, differPauseMs: 10, ...options })
}
