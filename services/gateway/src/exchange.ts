import type { BlockNeed, MethodPolicy } from '@mooring/chains/family'
import { type FailureCode, failures } from '@mooring/protocol/failures'
import type { RpcErrorBody } from '@mooring/protocol/json-rpc/answer'
import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import { type FailureDetails, MarketError } from '@mooring/protocol/market-error'
import type { Restrictions } from './access/restrictions.ts'
import type { GatewayConfig, TierName } from './config.ts'
import type { Payer } from './meter/payer.ts'
import type { Purse } from './meter/purse.ts'
import type { RelayResult } from './relay/outcome.ts'
import type { ServedChain } from './upstreams/served-chain.ts'
import type { Upstream } from './upstreams/upstream.ts'

export type TierLimits = Readonly<GatewayConfig['tiers'][TierName]>

/** Who sent a request: a key of the configuration, an account, or an address. */
export type Caller = {
  tier: TierName
  limits: TierLimits
  /** Name of the key, for logs and metrics; `community` without one. */
  name: string
  /** What the rate limit is kept for. */
  bucketKey: string
  /** What is kept of the caller on one chain, by the chain's name; filled as it is asked for. */
  chainKeys: Map<string, string>
  /** What the owner of the key allows it for; undefined where that is everything. */
  restrictions: Restrictions | undefined
  /** Whom its requests are counted for. */
  payer: Payer
}

/** Whether it is of the tier of those without a key: whoever serves it is not paid. */
export function isOfCommunity({ tier }: Pick<Caller, 'tier'>): boolean {
  return tier === 'community'
}

/** What to keep things of a caller on one chain by. Made once: a text that is put together anew is hashed anew. */
export function chainKeyOf({ bucketKey, chainKeys }: Caller, { scope }: ServedChain): string {
  const known = chainKeys.get(scope)
  if (known !== undefined) return known
  const key = `${scope} ${bucketKey}`
  chainKeys.set(scope, key)
  return key
}

/** One request on its way through the stages. */
export type Exchange = {
  traceId: string
  /** By the clock that never steps back. */
  startedMs: number
  chain: ServedChain
  caller: Caller
  request: RpcRequest
  policy: MethodPolicy
  /** Which blocks `request` needs, as it stands now: found out where it is set, and read in many places. */
  need: BlockNeed
  /** The chain's head as this caller may be shown it. */
  headBlock: number | undefined
  /** The upstream that alone may know what this caller has sent. */
  preferred: Upstream | undefined
  /** Whether the consumer wants the answer signed by the node: then it comes from a node, for this request alone. */
  wantsSignature: boolean
  /** Where the answer came from, for the trace. */
  source: 'upstream' | 'local' | 'cache' | 'joined' | 'refused'
  /** The same for requests that mean the same, where the answer may be kept. */
  cacheKey: string | undefined
  /** What the upstreams did, once any was asked. */
  relayed: RelayResult | undefined
  /** Where its price is set aside; undefined where nothing is. */
  purse: Purse | undefined
  /** Credits set aside. */
  reserved: number
  /** Credits charged, once it is answered. */
  charged: number
}

export function createExchange(
  request: RpcRequest,
  {
    chain,
    caller,
    traceId,
    startedMs,
    wantsSignature,
  }: Pick<Exchange, 'chain' | 'caller' | 'traceId' | 'startedMs' | 'wantsSignature'>,
): Exchange {
  return {
    traceId,
    startedMs,
    chain,
    caller,
    request,
    policy: chain.family.policyOf(request.method),
    need: chain.family.blockNeedOf(request),
    headBlock: undefined,
    preferred: undefined,
    wantsSignature,
    source: 'upstream',
    relayed: undefined,
    cacheKey: undefined,
    purse: undefined,
    reserved: 0,
    charged: 0,
  }
}

export type RpcAnswer =
  /**
   * `block`: one that the result shows to exist. `resultBytes`: how many bytes the result is, once somebody
   * has counted them; an answer that is given again and again is counted once.
   */
  | {
      kind: 'result'
      resultJson: string
      block?: number | undefined
      resultBytes?: number | undefined
    }
  /** `details`: what `data` tells beside the trace id, where the error is ours and not a node's own. */
  | {
      kind: 'error'
      failure: FailureCode
      http: number
      error: RpcErrorBody
      details?: FailureDetails | undefined
    }

/**
 * A step of the relay path: answers by itself, or lets the next one answer. An answer that is known at once
 * is given at once: a promise on the way of every request costs more than most of what the stages do.
 * `next` may be given a part of the exchange in its place, which is answered as one of its own.
 */
export type Stage = (exchange: Exchange, next: (exchange: Exchange) => Answering) => Answering

/** An answer, now or later. */
export type Answering = RpcAnswer | Promise<RpcAnswer>

/** Does something with what is known now or later, at that time. */
export function after<T, R>(
  value: T | Promise<T>,
  then: (value: T) => R | Promise<R>,
): R | Promise<R> {
  return value instanceof Promise ? value.then(then) : then(value)
}

/** The answer for a failure of ours or of all upstreams. Whatever is not a MarketError tells nothing. */
export function errorAnswer(error: unknown): RpcAnswer & { kind: 'error' } {
  const known =
    error instanceof MarketError
      ? error
      : new MarketError('INTERNAL', 'something broke in the gateway: report the trace id')
  const { jsonRpc, http } = failures[known.code]
  return {
    kind: 'error',
    failure: known.code,
    http,
    error: { code: jsonRpc, message: known.message },
    details: known.details,
  }
}
