import type { Clock } from '@mooring/telemetry/clock'
import type { AnswerStore } from '../cache/answer-store.ts'
import { cachePlanOf, holds, storedOf } from '../cache/plan.ts'
import type { Stage } from '../exchange.ts'

/** Gives an answer again while it holds, and keeps what an upstream answers as long as it will. */
export function useCache(store: AnswerStore, clock: Clock): Stage {
  return async (exchange, next) => {
    const plan = cachePlanOf(exchange)
    if (plan === undefined) return await next()
    const found = store.get(plan.key)
    const stored = found instanceof Promise ? await found : found
    if (stored !== undefined && holds(stored, exchange, clock.nowMs())) {
      exchange.source = 'cache'
      return stored.answer
    }
    exchange.cacheKey = plan.key
    const answer = await next()
    const kept = storedOf(plan, exchange, { answer, nowMs: clock.nowMs() })
    if (kept !== undefined) store.put(plan.key, kept)
    return answer
  }
}
