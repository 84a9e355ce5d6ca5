import type { Admission } from '@mooring/market/quotas/token-bucket'
import { type BatchItem, parseBody, type RpcBody } from '@mooring/protocol/json-rpc/body'
import type { RequestId, RpcRequest } from '@mooring/protocol/json-rpc/request'
import { MarketError } from '@mooring/protocol/market-error'
import type { StatusReport } from '@mooring/protocol/reports/status'
import type { Clock } from '@mooring/telemetry/clock'
import type { TraceBook } from '../admin/trace-book.ts'
import type { Events } from '../events.ts'
import {
  type Answering,
  type Caller,
  type Exchange,
  errorAnswer,
  type RpcAnswer,
} from '../exchange.ts'
import type { Limiter } from '../limits/limiter.ts'
import { pageAnswer } from '../page/page.ts'
import type { Served } from '../served.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import { type Callers, keyOf } from './callers.ts'
import { ClientKeys } from './client-address.ts'
import { assertMediaType, bodyTooLarge, isTooLong } from './readable-body.ts'
import {
  overloaded,
  tooFast,
  tooManyUnanswered,
  tooMuchUnfinished,
  unknownChain,
} from './refusals.ts'
import type { RequestHead } from './request-head.ts'
import {
  type EncodedAnswer,
  encodeAnswer,
  type HttpAnswer,
  joinAnswers,
  jsonAnswer,
  preflightAnswer,
  type RpcAnswerFacts,
  retryAfterMsOf,
  rpcAnswer,
  statusOf,
} from './responses.ts'
import { routeOf } from './route.ts'
import { SharedRoom } from './shared-room.ts'

export type EdgeContext = {
  /** What is served at this moment; a request keeps what it began with. */
  served: () => Served
  limiter: Limiter
  traces: TraceBook
  clock: Clock
  events: Events
  /** Unique per request; returned to the consumer and found in logs. */
  nextTraceId: () => string
  status: () => Pick<StatusReport, 'chains'>
}

/** A request whose body is waited for. `heldBytes`: what that takes of the room for bodies, once it is held. */
export type Visit = { arrival: Arrival; facts: Facts; isHeld: boolean; heldBytes: number }

/** Bodies that have begun to arrive may hold this much memory, all together and of one caller. */
const bodyRoom = { bytesMax: 256 * 1_048_576, partBytesMax: 64 * 1_048_576 }

/** All that follows from the head of a request and from where it came. */
type Arrival = {
  served: Served
  peer: string
  chainName: string
  caller: Caller
  keepTrace: boolean
}

/** The public HTTP surface: bytes in, bytes out. Whatever goes wrong becomes an answer here and only here. */
export class Edge {
  readonly #context: EdgeContext
  readonly #clientKeys = new ClientKeys()
  readonly #arrivals = new WeakMap<RequestHead, Arrival>()
  #inFlight = 0
  readonly #bodies = new SharedRoom(bodyRoom)

  constructor(context: EdgeContext) {
    this.#context = context
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /**
   * Tells from its head what a request gets: an answer at once, or its body read. Never throws.
   *
   * @param peer - Address of the connection.
   */
  begin(head: RequestHead, peer: string): Visit | HttpAnswer {
    const facts = createFacts(this.#context.nextTraceId())
    try {
      return this.#route(head, peer, facts)
    } catch (error) {
      return this.#refusal(error, facts)
    }
  }

  /**
   * Keeps a place for a body that is still to come: until it is here, or its connection is gone, it counts
   * as an unanswered request of its caller.
   *
   * @returns The refusal when its caller has too many of them.
   */
  hold(visit: Visit): HttpAnswer | undefined {
    try {
      this.#enter(visit.arrival.caller, 1)
    } catch (error) {
      return this.#refusal(error, visit.facts)
    }
    visit.isHeld = true
    return undefined
  }

  /**
   * Says how much of a body is here. What is only announced takes no room: it would be had for a few bytes.
   *
   * @returns The refusal when there is no more room; nothing is held then.
   */
  grow(visit: Visit, bytes: number): HttpAnswer | undefined {
    const { bucketKey } = visit.arrival.caller
    this.#bodies.take(bucketKey, bytes - visit.heldBytes)
    visit.heldBytes = bytes
    const isOverPart = this.#bodies.isOverPart(bucketKey)
    if (!isOverPart && !this.#bodies.isOver) return undefined
    this.release(visit)
    return this.#refusal(
      isOverPart ? tooMuchUnfinished(bodyRoom.partBytesMax) : overloaded(),
      visit.facts,
    )
  }

  /** Gives back what a body held. */
  release(visit: Visit): void {
    if (!visit.isHeld) return
    const { caller } = visit.arrival
    this.#bodies.take(caller.bucketKey, -visit.heldBytes)
    visit.isHeld = false
    visit.heldBytes = 0
    this.#context.limiter.leave(caller, 1)
  }

  /**
   * Answers a request whose body is here. Never throws, and calls `done` once: before it returns where
   * the answer is known, and by itself later, for promises on the way of every request cost more than
   * what is done between them.
   */
  serve(visit: Visit, text: string, done: (answer: HttpAnswer) => void): void {
    const { arrival, facts } = visit
    const { caller } = arrival
    this.release(visit)
    this.#inFlight++
    let entered = 0
    const answered = (answer: HttpAnswer) => {
      this.#inFlight--
      if (entered > 0) this.#context.limiter.leave(caller, entered)
      done(answer)
    }
    let opened: { body: RpcBody; chain: ServedChain }
    try {
      opened = this.#open(visit, text)
      const { body } = opened
      const count = body.kind === 'single' ? 1 : body.items.length
      this.#enter(caller, count)
      entered = count
    } catch (error) {
      answered(this.#refusal(error, facts))
      return
    }
    const { traceId } = facts
    this.#answerBody(opened.body, { arrival, facts, chain: opened.chain, traceId }, answered)
  }

  /** The answer where a body without an announced length has grown over its limit. */
  refuseBody(visit: Visit): HttpAnswer {
    const { arrival, facts } = visit
    this.release(visit)
    try {
      this.#admit(arrival.caller, 1, facts)
      return this.#refusal(bodyTooLarge(arrival.served.config.bodyBytesMax), facts)
    } catch (error) {
      return this.#refusal(error, facts)
    }
  }

  #route(head: RequestHead, peer: string, facts: Facts): Visit | HttpAnswer {
    const served = this.#context.served()
    const known = this.#arrivals.get(head)
    const arrival =
      known?.served === served && known.peer === peer ? known : this.#arrive(head, peer, facts)
    if ('headerLines' in arrival) return arrival
    const { caller } = arrival
    // Whoever has nothing left is told before a byte of the body is read.
    if (this.#context.limiter.isSpent(caller)) this.#admit(caller, 1, facts)
    const { bodyBytesMax } = served.config
    if (isTooLong(head, bodyBytesMax)) {
      this.#admit(caller, 1, facts)
      throw bodyTooLarge(bodyBytesMax)
    }
    return { arrival, facts, isHeld: false, heldBytes: 0 }
  }

  /** What a head tells, remembered for as long as its client sends the same one. */
  #arrive(head: RequestHead, peer: string, facts: Facts): Arrival | HttpAnswer {
    const { limiter, status } = this.#context
    const served = this.#context.served()
    const { callers, config } = served
    const { headers } = head
    const route = routeOf(head.method, head.target, headers.get('host'))
    if (route.kind === 'preflight') return preflightAnswer
    if (route.kind === 'page') return pageAnswer
    const forwardedFor = headers.get('x-forwarded-for')
    const clientKey = this.#clientKeys.keyOf(peer, forwardedFor, config.trustedProxyHops)
    const community = callers.community(clientKey)
    if (route.kind === 'status') {
      return jsonAnswer({ ...status(), budget: budgetOf(community, limiter.take(community, 0)) })
    }
    const key = keyOf(route.key, headers)
    const caller = this.#authenticate(key, community, { callers, facts })
    assertMediaType(headers)
    const keepTrace = headers.get('x-mooring-trace') !== undefined
    const arrival = { served, peer, chainName: route.chain, caller, keepTrace }
    this.#arrivals.set(head, arrival)
    return arrival
  }

  /** Everything that can be said against a body as a whole. */
  #open(visit: Visit, text: string): { body: RpcBody; chain: ServedChain } {
    const { facts } = visit
    const { chainName, caller, served } = visit.arrival
    const { chains, config } = served
    if (this.#inFlight > config.inFlightMax) throw overloaded()
    const body = this.#parse(text, caller, { paramsDepthMax: config.paramsDepthMax, facts })
    if (body.kind === 'single') facts.id = idOf(body.item)
    this.#admit(caller, body.kind === 'single' ? 1 : body.items.length, facts)
    const chain = chains.get(chainName)
    if (chain === undefined) throw unknownChain(chainName, chains)
    return { body, chain }
  }

  #answerBody(body: RpcBody, to: Destination, done: (answer: HttpAnswer) => void): void {
    const { arrival, facts, chain, traceId } = to
    if (body.kind === 'single') {
      this.#answer(body.item, to, (encoded, answer) => {
        facts.retryAfterMs = retryAfterMsOf(answer)
        done(rpcAnswer(encoded, statusOf(answer), facts))
      })
      return
    }
    let missing = body.items.length
    const all = new Array<EncodedAnswer>(missing)
    for (const [at, item] of body.items.entries()) {
      const own = { arrival, facts, chain, traceId: `${traceId}-${at}` }
      this.#answer(item, own, (encoded) => {
        all[at] = encoded
        if (--missing === 0) done(rpcAnswer(joinAnswers(all), 200, facts))
      })
    }
  }

  /** A wrong key costs as much as a request. Keys are too long to be found by trying. */
  #authenticate(
    key: string | undefined,
    community: Caller,
    { callers, facts }: { callers: Callers; facts: Facts },
  ): Caller {
    if (key === undefined) return community
    try {
      return callers.withKey(key)
    } catch (error) {
      this.#admit(community, 1, facts)
      throw error
    }
  }

  #parse(
    text: string,
    caller: Caller,
    { paramsDepthMax, facts }: { paramsDepthMax: number; facts: Facts },
  ): RpcBody {
    try {
      return parseBody(text, { batchMax: caller.limits.batchMax, paramsDepthMax })
    } catch (error) {
      this.#admit(caller, 1, facts)
      throw error
    }
  }

  #admit(caller: Caller, count: number, facts: Facts): void {
    const admission = this.#context.limiter.take(caller, count)
    facts.caller = caller
    facts.admission = admission
    if (admission.admitted) return
    throw tooFast(caller.limits)
  }

  #enter(caller: Caller, count: number): void {
    if (this.#context.limiter.enter(caller, count)) return
    throw tooManyUnanswered(caller.limits)
  }

  #answer(item: BatchItem, to: Destination, done: ItemDone): void {
    const { clock, events } = this.#context
    const { traceId } = to
    if (!item.ok) {
      const answer = errorAnswer(item.error)
      events.refused(answer.failure, traceId)
      done(encodeAnswer(item.id, answer, traceId), answer)
      return
    }
    const { id } = item.request
    const startedMs = clock.nowMs()
    const exchange = createExchange(item.request, to)
    const finish = (answer: RpcAnswer) => {
      this.#record(exchange, answer, { startedMs, wanted: to.arrival.keepTrace })
      done(encodeAnswer(id, answer, traceId), answer)
    }
    const fail = (error: unknown) => {
      if (!(error instanceof MarketError)) events.broke(error, traceId)
      exchange.source = 'refused'
      finish(errorAnswer(error))
    }
    let answer: Answering
    try {
      answer = to.arrival.served.pipeline(exchange)
    } catch (error) {
      fail(error)
      return
    }
    if (answer instanceof Promise) void answer.then(finish, fail)
    else finish(answer)
  }

  #record(
    exchange: Exchange,
    answer: RpcAnswer,
    { startedMs, wanted }: { startedMs: number; wanted: boolean },
  ): void {
    const { clock, events, traces } = this.#context
    const tookMs = clock.nowMs() - startedMs
    events.answered(exchange, answer, tookMs)
    traces.consider(exchange, answer, { startedMs, tookMs, wanted })
  }

  #refusal(error: unknown, facts: Facts): HttpAnswer {
    const { events } = this.#context
    const answer = errorAnswer(error)
    if (error instanceof MarketError) events.refused(answer.failure, facts.traceId)
    else events.broke(error, facts.traceId)
    facts.retryAfterMs = retryAfterMsOf(answer)
    return rpcAnswer(encodeAnswer(facts.id, answer, facts.traceId), answer.http, facts)
  }
}

/** What is known of a request so far; a refusal is answered with as much. */
type Facts = RpcAnswerFacts & { id: RequestId }

/** With all its members from the start: an object that gains some later is dearer to make and to read. */
function createFacts(traceId: string): Facts {
  return { traceId, id: null, caller: undefined, admission: undefined, retryAfterMs: undefined }
}

/** Where a request goes, or the requests of a body; those of a batch have trace ids of their own. */
type Destination = Pick<Visit, 'arrival' | 'facts'> & { chain: ServedChain; traceId: string }

/** Takes the answer to one item of a body, and its JSON. */
type ItemDone = (encoded: EncodedAnswer, answer: RpcAnswer) => void

function createExchange(
  request: RpcRequest,
  { chain, arrival: { caller }, traceId }: Destination,
): Exchange {
  const policy = chain.family.policyOf(request.method)
  return {
    traceId,
    chain,
    caller,
    request,
    policy,
    need: chain.family.blockNeedOf(request),
    headBlock: undefined,
    preferred: undefined,
    source: 'upstream',
    relayed: undefined,
    cacheKey: undefined,
  }
}

function idOf(item: BatchItem): RequestId {
  return item.ok ? item.request.id : item.id
}

function budgetOf({ limits }: Caller, { remaining, resetMs }: Admission): StatusReport['budget'] {
  const resetSeconds = Math.ceil(resetMs / 1_000)
  return { limit: limits.requestsPerSecond, remaining, resetSeconds }
}
