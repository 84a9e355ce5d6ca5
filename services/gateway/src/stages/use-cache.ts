import type { Clock } from '@mooring/telemetry/clock'
import type { AnswerStore } from '../cache/answer-store.ts'
import { Doorkeeper } from '../cache/doorkeeper.ts'
import { cachePlanOf, holds, storedOf } from '../cache/plan.ts'
import { after, type Stage } from '../exchange.ts'

/**
 * Gives an answer again while it holds, and keeps what an upstream answers as long as it will: what is dear
 * at once, what is cheap when it is asked for again.
 */
export function useCache(store: AnswerStore, clock: Clock): Stage {
  const doorkeeper = new Doorkeeper()
  return (exchange, next) => {
    const plan = exchange.wantsSignature ? undefined : cachePlanOf(exchange)
    if (plan === undefined) return next(exchange)
    return after(store.get(plan.key), (stored) => {
      if (stored !== undefined && holds(stored, exchange, clock.nowMs())) {
        exchange.source = 'cache'
        return stored.answer
      }
      exchange.cacheKey = plan.key
      return after(next(exchange), (answer) => {
        const isWanted = exchange.policy.deadline !== 'quick' || doorkeeper.admits(plan.key)
        if (!isWanted) return answer
        const kept = storedOf(plan, exchange, { answer, nowMs: clock.nowMs() })
        if (kept !== undefined) store.put(plan.key, kept)
        return answer
      })
    })
  }
}
