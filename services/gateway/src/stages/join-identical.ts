import { type Exchange, isOfCommunity, type RpcAnswer, type Stage } from '../exchange.ts'
import { mayShare } from '../relay/rules.ts'

/** Longer parameters are seldom asked twice at once, and would only fill memory. */
const keyLengthMax = 16_384

/** Identical reads in flight share one relay. */
export function joinIdentical(): Stage {
  // Who pays may be answered by nodes that serve nobody else.
  const byPaying = {
    yes: new Map<string, Promise<RpcAnswer>>(),
    no: new Map<string, Promise<RpcAnswer>>(),
  }
  return (exchange, next) => {
    // What one caller is to read from one node, or signed by it, is nobody else's answer.
    const isOwn = exchange.preferred !== undefined || exchange.wantsSignature
    const key = mayShare(exchange.policy) && !isOwn ? keyOf(exchange) : undefined
    if (key === undefined) return next(exchange)
    const inFlight = isOfCommunity(exchange.caller) ? byPaying.no : byPaying.yes
    const running = inFlight.get(key)
    if (running !== undefined) {
      exchange.source = 'joined'
      return running
    }
    const answer = next(exchange)
    if (!(answer instanceof Promise)) return answer
    inFlight.set(key, answer)
    // Told first, as it asks first: whoever reads the answer finds it gone from here.
    const end = () => void inFlight.delete(key)
    void answer.then(end, end)
    return answer
  }
}

function keyOf(exchange: Exchange): string | undefined {
  const { pools } = exchange.caller.limits
  const key = meaningOf(exchange)
  // Who may ask other upstreams may be answered where others are not.
  return pools.length === 0 || key === undefined ? key : `${pools.join()} ${key}`
}

function meaningOf({ chain, request, cacheKey }: Exchange): string | undefined {
  if (cacheKey !== undefined) return cacheKey
  const params = JSON.stringify(request.params)
  return params.length > keyLengthMax ? undefined : `${chain.name} ${request.method} ${params}`
}
