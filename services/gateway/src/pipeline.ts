import type { AnswerStore } from './cache/answer-store.ts'
import type { Floors } from './consistency/floors.ts'
import type { RecentSends } from './consistency/recent-sends.ts'
import type { Answering, Exchange, Stage } from './exchange.ts'
import type { Meter } from './meter/meter.ts'
import { answerLocally } from './stages/answer-locally.ts'
import { cacheLogs } from './stages/cache-logs.ts'
import { checkParams } from './stages/check-params.ts'
import { joinIdentical } from './stages/join-identical.ts'
import { keepFloor } from './stages/keep-floor.ts'
import { limitRange } from './stages/limit-range.ts'
import { meterUse } from './stages/meter-use.ts'
import { readOwnWrites } from './stages/read-own-writes.ts'
import { refuseMethod } from './stages/refuse-method.ts'
import { type RelayStageContext, relayUpstream } from './stages/relay-upstream.ts'
import { resolveTags } from './stages/resolve-tags.ts'
import { restrictKey } from './stages/restrict-key.ts'
import { useCache } from './stages/use-cache.ts'

/**
 * The life of one parsed request, in this order. Before it the edge has parsed the body, told who is
 * calling and admitted it (`http/edge.ts`). The meter comes after every refusal, so that what is refused costs
 * nothing, and the cache after the meter, before anything an upstream is asked.
 */
export function createStages(
  context: RelayStageContext & {
    floors: Floors
    sends: RecentSends
    /** Undefined where nothing is to be kept. */
    store: AnswerStore | undefined
    /** Undefined where nothing is metered. */
    meter: Meter | undefined
  },
  relayedNamespaces: readonly string[],
): readonly Stage[] {
  const { store, clock, meter } = context
  const cache = store === undefined ? [] : [cacheLogs(store), useCache(store, clock)]
  return [
    refuseMethod(relayedNamespaces),
    restrictKey,
    checkParams,
    keepFloor(context.floors),
    limitRange,
    ...(meter === undefined ? [] : [meterUse(meter)]),
    resolveTags(context.floors),
    readOwnWrites(context.sends),
    answerLocally,
    ...cache,
    joinIdentical(),
    relayUpstream(context),
  ]
}

export type Pipeline = (exchange: Exchange) => Answering

export function createPipeline(stages: readonly Stage[]): Pipeline {
  const end: Pipeline = () => {
    throw new Error('no stage answered')
  }
  // Put together once, so that a request on its way makes nothing for it.
  return stages.reduceRight<Pipeline>((next, stage) => (exchange) => stage(exchange, next), end)
}
