import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { Question } from './question.ts'

/** A request with the block it reads named by hash, and that hash. */
export type Pin = { request: RpcRequest; hash: string }

/**
 * The request pinned to the canonical block of the number it names, so that no node answers it from
 * another fork; undefined where the block is not known by hash, or the method takes none.
 */
export function pinOf(
  { request, need }: Question,
  { family, canonical }: ServedChain,
): Pin | undefined {
  if (canonical.size === 0) return undefined
  if (need.kind !== 'range' || need.from !== need.to) return undefined
  const hash = canonical.hashOf(need.to)
  const pinned = hash === undefined ? undefined : family.pinTo(request, hash)
  return hash === undefined || pinned === undefined ? undefined : { request: pinned, hash }
}
