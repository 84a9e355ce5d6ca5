import type { BlockNeed, Family, MethodPolicy } from '@mooring/chains/family'
import type { RpcRequest } from '@mooring/protocol/json-rpc/request'

/** A request with what follows from it alone, found out once: each attempt looks at it several times. */
export type Question = {
  readonly request: RpcRequest
  readonly policy: MethodPolicy
  readonly need: BlockNeed
}

export function questionOf(request: RpcRequest, family: Family): Question {
  return { request, policy: family.policyOf(request.method), need: family.blockNeedOf(request) }
}
