import { BaseError, BlockNotFoundError, ResourceNotFoundRpcError } from 'viem'

/**
 * A node was asked about a block that it does not have: a fork has undone it since, or another node behind the same
 * address does not know it yet. Nodes have no one code for it, so their words count too.
 */
export function isBlockGone(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false
  const found = error.walk(
    (cause) =>
      cause instanceof BlockNotFoundError ||
      cause instanceof ResourceNotFoundRpcError ||
      (cause instanceof BaseError && wordsOfNodes.test(cause.details)),
  )
  return found !== null
}

const wordsOfNodes =
  /header (?:for hash )?not found|unknown block|block (?:\S+ )?(?:is )?not found|block not available|block is not canonical|BlockOutOfRange/i
