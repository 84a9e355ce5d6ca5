import { type BatchItem, parseBody, type RpcBody } from '@mooring/protocol/json-rpc/body'
import type { RequestId } from '@mooring/protocol/json-rpc/request'
import { MarketError } from '@mooring/protocol/market-error'
import { signedBatchMax } from '@mooring/protocol/relays/answers'
import type { StatusReport } from '@mooring/protocol/reports/status'
import type { Clock } from '@mooring/telemetry/clock'
import type { Access } from '../access/access.ts'
import type { TraceBook } from '../admin/trace-book.ts'
import { type Agents, signedAnswerOf } from '../agents/agents.ts'
import type { Events } from '../events.ts'
import {
  type Answering,
  type Caller,
  createExchange,
  type Exchange,
  errorAnswer,
  type RpcAnswer,
} from '../exchange.ts'
import type { Limiter } from '../limits/limiter.ts'
import type { Meter } from '../meter/meter.ts'
import { pageAnswer } from '../page/page.ts'
import type { Served } from '../served.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import { type Arrival, Arrivals } from './arrivals.ts'
import { createFacts, type Facts, noteCredits } from './facts.ts'
import { assertMediaType, bodyTooLarge, isTooLong } from './readable-body.ts'
import {
  overloaded,
  tooFast,
  tooManyToSign,
  tooManyUnanswered,
  tooMuchUnfinished,
  unknownChain,
} from './refusals.ts'
import type { RequestHead } from './request-head.ts'
import {
  budgetOf,
  type EncodedAnswer,
  encodeAnswer,
  type HttpAnswer,
  joinAnswers,
  jsonAnswer,
  preflightAnswer,
  retryAfterMsOf,
  rpcAnswer,
  schemeOf,
  statusOf,
} from './responses.ts'
import { routeOf } from './route.ts'
import { SharedRoom } from './shared-room.ts'

export type EdgeContext = {
  /** Undefined where keys of the configuration are all there are. */
  access: Access | undefined
  /** What is served at this moment; a request keeps what it began with. */
  served: () => Served
  limiter: Limiter
  /** Undefined where nothing is metered. */
  meter: Meter | undefined
  /** Undefined where no upstream has an agent. */
  agents: Pick<Agents, 'delivered'> | undefined
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

/** The public HTTP surface: bytes in, bytes out. Whatever goes wrong becomes an answer here and only here. */
export class Edge {
  readonly #context: EdgeContext
  readonly #arrivals: Arrivals
  #inFlight = 0
  readonly #bodies = new SharedRoom(bodyRoom)

  constructor(context: EdgeContext) {
    this.#context = context
    const { access, limiter } = context
    this.#arrivals = new Arrivals({ access, isSpent: (caller) => limiter.isSpent(caller) })
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
    if (visit.arrival.pending === undefined) this.#serve(visit, text, done)
    else this.#await(visit, visit.arrival.pending, { text, done })
  }

  /** Until it is known whose the key is, the body is one that is not here yet, of the address that sent it. */
  #await(
    visit: Visit,
    pending: Promise<Arrival>,
    { text, done }: { text: string; done: (answer: HttpAnswer) => void },
  ): void {
    const refusal = (visit.isHeld ? undefined : this.hold(visit)) ?? this.grow(visit, text.length)
    if (refusal !== undefined) {
      done(refusal)
      return
    }
    this.#inFlight++
    const ended = () => {
      this.#inFlight--
      this.release(visit)
    }
    void pending.then(
      (arrival) => {
        ended()
        visit.arrival = arrival
        this.#serve(visit, text, done)
      },
      (error) => {
        ended()
        done(this.#refusal(error, visit.facts))
      },
    )
  }

  #serve(visit: Visit, text: string, done: (answer: HttpAnswer) => void): void {
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
    const known = this.#arrivals.recall(head, served, peer)
    const arrival = known ?? this.#arrive(head, { served, peer, facts })
    if ('headerLines' in arrival) return arrival
    const { caller, pending } = arrival
    // Whoever has nothing left is told before a byte of the body is read. A look-up is paid for already.
    if (pending === undefined && this.#context.limiter.isSpent(caller))
      this.#admit(caller, 1, facts)
    const { bodyBytesMax } = served.config
    if (isTooLong(head, bodyBytesMax)) {
      this.#admit(caller, 1, facts)
      throw bodyTooLarge(bodyBytesMax)
    }
    return { arrival, facts, isHeld: false, heldBytes: 0 }
  }

  #arrive(
    head: RequestHead,
    { served, peer, facts }: { served: Served; peer: string; facts: Facts },
  ): Arrival | HttpAnswer {
    const { limiter, status } = this.#context
    const { headers } = head
    const route = routeOf(head.method, head.target, headers.get('host'))
    if (route.kind === 'preflight') return preflightAnswer
    if (route.kind === 'page') return pageAnswer
    if (route.kind === 'status') {
      const community = this.#arrivals.communityOf(head, { served, peer })
      return jsonAnswer({ ...status(), budget: budgetOf(community, limiter.take(community, 0)) })
    }
    assertMediaType(headers)
    const admit = (caller: Caller) => this.#admit(caller, 1, facts)
    return this.#arrivals.arrive(head, route, { served, peer, admit })
  }

  /** Everything that can be said against a body as a whole. */
  #open(visit: Visit, text: string): { body: RpcBody; chain: ServedChain } {
    const { facts } = visit
    const { chainName, caller, served, wantsSignature } = visit.arrival
    const { chains, config } = served
    const shareMax = caller.limits.inFlightShareMaxPercent / 100
    // At least one is always let in, however small the part.
    if (this.#inFlight > Math.max(1, config.inFlightMax * shareMax)) throw overloaded()
    const body = this.#parse(text, caller, { paramsDepthMax: config.paramsDepthMax, facts })
    if (body.kind === 'single') facts.id = idOf(body.item)
    const count = body.kind === 'single' ? 1 : body.items.length
    this.#admit(caller, count, facts)
    if (wantsSignature && count > signedBatchMax) throw tooManyToSign(count)
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
    const { clock, events, meter, agents } = this.#context
    const { traceId } = to
    if (!item.ok) {
      const answer = errorAnswer(item.error)
      events.refused(answer.failure, traceId)
      done(encodeAnswer(item.id, answer, traceId), answer)
      return
    }
    const { id } = item.request
    const startedMs = clock.nowMs()
    const exchange = createExchange(item.request, {
      chain: to.chain,
      caller: to.arrival.caller,
      traceId,
      startedMs,
      wantsSignature: to.arrival.wantsSignature,
    })
    const send = (answer: RpcAnswer) => {
      agents?.delivered(exchange, answer)
      if (to.arrival.showCredits) noteCredits(to.facts, exchange, meter)
      const encoded = encodeAnswer(id, answer, traceId)
      if (exchange.wantsSignature) encoded.signed = signedAnswerOf(exchange)
      done(encoded, answer)
    }
    const finish = (answer: RpcAnswer) => {
      this.#record(exchange, answer, to.arrival.keepTrace)
      if (meter === undefined) send(answer)
      else meter.finish(exchange, answer, send)
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

  #record(exchange: Exchange, answer: RpcAnswer, wanted: boolean): void {
    const { clock, events, traces } = this.#context
    const { startedMs } = exchange
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
    facts.scheme = schemeOf(answer)
    return rpcAnswer(encodeAnswer(facts.id, answer, facts.traceId), answer.http, facts)
  }
}

/** Where a request goes, or the requests of a body; those of a batch have trace ids of their own. */
type Destination = Pick<Visit, 'arrival' | 'facts'> & { chain: ServedChain; traceId: string }

/** Takes the answer to one item of a body, and its JSON. */
type ItemDone = (encoded: EncodedAnswer, answer: RpcAnswer) => void

function idOf(item: BatchItem): RequestId {
  return item.ok ? item.request.id : item.id
}
