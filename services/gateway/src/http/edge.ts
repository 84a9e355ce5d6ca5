import type { Admission } from '@mooring/market/quotas/token-bucket'
import { type BatchItem, parseBody, type RpcBody } from '@mooring/protocol/json-rpc/body'
import type { RequestId, RpcRequest } from '@mooring/protocol/json-rpc/request'
import { MarketError } from '@mooring/protocol/market-error'
import type { StatusReport } from '@mooring/protocol/reports/status'
import type { Clock } from '@mooring/telemetry/clock'
import type { TraceBook } from '../admin/trace-book.ts'
import type { Events } from '../events.ts'
import { type Caller, type Exchange, errorAnswer, type RpcAnswer } from '../exchange.ts'
import type { Limiter } from '../limits/limiter.ts'
import { pageResponse } from '../page/page.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Served } from '../served.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import { type Callers, keyOf } from './callers.ts'
import { ClientKeys } from './client-address.ts'
import { readBody } from './read-body.ts'
import {
  encodeAnswer,
  preflightResponse,
  type RpcResponseFacts,
  rpcResponse,
  statusOf,
} from './responses.ts'
import { routeOf } from './route.ts'

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

/** What the server knows of a request besides the request. */
export type Connection = {
  peer: string
  /** Lifts the server's limit on slow bodies once the body is here; answers have deadlines of their own. */
  bodyRead: () => void
}

/** The public HTTP surface: bytes in, bytes out. Whatever goes wrong becomes an answer here and only here. */
export class Edge {
  readonly #context: EdgeContext
  readonly #clientKeys = new ClientKeys()
  #inFlight = 0

  constructor(context: EdgeContext) {
    this.#context = context
  }

  get inFlight(): number {
    return this.#inFlight
  }

  async handle(request: Request, connection: Connection): Promise<Response> {
    const facts: Facts = { traceId: this.#context.nextTraceId(), id: null }
    this.#inFlight++
    try {
      return await this.#route(request, connection, facts)
    } catch (error) {
      return this.#refusal(error, facts)
    } finally {
      this.#inFlight--
    }
  }

  async #route(request: Request, { peer, bodyRead }: Connection, facts: Facts) {
    const { limiter, status } = this.#context
    const served = this.#context.served()
    const { callers, config } = served
    const route = routeOf(request.method, request.url, request.headers.get('host'))
    if (route.kind === 'preflight') return preflightResponse()
    if (route.kind === 'page') return pageResponse()
    const forwardedFor = request.headers.get('x-forwarded-for')
    const clientKey = this.#clientKeys.keyOf(peer, forwardedFor, config.trustedProxyHops)
    const community = callers.community(clientKey)
    if (route.kind === 'status') {
      return Response.json({ ...status(), budget: budgetOf(community, limiter.take(community, 0)) })
    }
    const key = keyOf(route.key, request.headers)
    const caller = this.#authenticate(key, community, { callers, facts })
    // Whoever has nothing left is told before a byte of the body is read.
    if (limiter.take(caller, 0).remaining < 1) this.#admit(caller, 1, facts)
    const text = await readBody(request, config.bodyBytesMax)
    bodyRead()
    return await this.#serve(text, { request, chainName: route.chain, caller, served, facts })
  }

  async #serve(text: string, incoming: Incoming): Promise<Response> {
    const { request, chainName, caller, served, facts } = incoming
    const { chains, config, pipeline } = served
    if (this.#inFlight > config.inFlightMax) {
      const message =
        'the gateway has more requests than it can take on: send it again after a pause'
      throw new MarketError('OVERLOADED', message)
    }
    const body = this.#parse(text, caller, { paramsDepthMax: config.paramsDepthMax, facts })
    const count = body.kind === 'single' ? 1 : body.items.length
    if (body.kind === 'single') facts.id = idOf(body.item)
    this.#admit(caller, count, facts)
    const chain = chains.get(chainName)
    if (chain === undefined) throw unknownChain(chainName, chains)
    this.#enter(caller, count)
    try {
      const keepTrace = request.headers.has('x-mooring-trace')
      return await this.#answerBody(body, { chain, caller, pipeline, keepTrace }, facts)
    } finally {
      this.#context.limiter.leave(caller, count)
    }
  }

  async #answerBody(body: RpcBody, to: Destination, facts: Facts): Promise<Response> {
    const { traceId } = facts
    if (body.kind === 'single') {
      const { text, answer } = await this.#answer(body.item, { ...to, traceId })
      return rpcResponse(text, statusOf(answer), facts)
    }
    const answers = await Promise.all(
      body.items.map((item, at) => this.#answer(item, { ...to, traceId: `${traceId}-${at}` })),
    )
    return rpcResponse(`[${answers.map(({ text }) => text).join(',')}]`, 200, facts)
  }

  /** A guess at a key costs as much as a request, so that keys cannot be tried out at speed. */
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
    const { requestsPerSecond, burstRequests } = caller.limits
    const message =
      count > burstRequests
        ? `the batch holds ${count} requests, more than the ${burstRequests} that may come at once: send smaller batches`
        : `the limit of ${requestsPerSecond} requests per second (${burstRequests} at once) is reached: wait for as long as Retry-After says`
    const details = { limit: 'requestsPerSecond', value: requestsPerSecond }
    throw new MarketError('RATE_LIMITED', message, { details })
  }

  #enter(caller: Caller, count: number): void {
    if (this.#context.limiter.enter(caller, count)) return
    const { inFlightMax } = caller.limits
    const message = `more than ${inFlightMax} of your requests are unanswered: wait for answers before you send more`
    const details = { limit: 'inFlightMax', value: inFlightMax }
    throw new MarketError('RATE_LIMITED', message, { details })
  }

  async #answer(
    item: BatchItem,
    to: Destination & { traceId: string },
  ): Promise<{ text: string; answer: RpcAnswer }> {
    const { clock, events, traces } = this.#context
    if (!item.ok) {
      const answer = errorAnswer(item.error)
      events.refused(answer.failure, to.traceId)
      return { text: encodeAnswer(item.id, answer, to.traceId), answer }
    }
    const startedMs = clock.nowMs()
    const exchange = createExchange(item.request, to)
    let answer: RpcAnswer
    try {
      answer = await to.pipeline(exchange)
    } catch (error) {
      if (!(error instanceof MarketError)) events.broke(error, to.traceId)
      exchange.source = 'refused'
      answer = errorAnswer(error)
    }
    const tookMs = clock.nowMs() - startedMs
    events.answered(exchange, answer, tookMs)
    traces.consider(exchange, answer, { startedMs, tookMs, wanted: to.keepTrace })
    return { text: encodeAnswer(item.request.id, answer, to.traceId), answer }
  }

  #refusal(error: unknown, facts: Facts): Response {
    const { events } = this.#context
    const answer = errorAnswer(error)
    if (error instanceof MarketError) events.refused(answer.failure, facts.traceId)
    else events.broke(error, facts.traceId)
    return rpcResponse(encodeAnswer(facts.id, answer, facts.traceId), answer.http, facts)
  }
}

/** What is known of a request so far; a refusal is answered with as much. */
type Facts = RpcResponseFacts & { id: RequestId }

/** Where the requests of a body go. */
type Destination = {
  chain: ServedChain
  caller: Caller
  pipeline: Pipeline
  keepTrace: boolean
}

type Incoming = {
  request: Request
  chainName: string
  caller: Caller
  served: Served
  facts: Facts
}

function createExchange(
  request: RpcRequest,
  { traceId, chain, caller }: { traceId: string; chain: ServedChain; caller: Caller },
): Exchange {
  const policy = chain.family.policyOf(request.method)
  return {
    traceId,
    chain,
    caller,
    request,
    policy,
    headBlock: undefined,
    preferred: undefined,
    source: 'upstream',
    relayed: undefined,
    cacheKey: undefined,
  }
}

function unknownChain(name: string, chains: ReadonlyMap<string, unknown>): MarketError {
  const served = [...chains.keys()].slice(0, 30).join(', ')
  return new MarketError('CHAIN_NOT_FOUND', `${name} is not served here: use one of ${served}`)
}

function idOf(item: BatchItem): RequestId {
  return item.ok ? item.request.id : item.id
}

function budgetOf({ limits }: Caller, { remaining, resetMs }: Admission): StatusReport['budget'] {
  const resetSeconds = Math.ceil(resetMs / 1_000)
  return { limit: limits.requestsPerSecond, remaining, resetSeconds }
}
