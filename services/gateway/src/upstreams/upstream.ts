import type { HttpClient } from '@mooring/http-client/client'
import type { HttpPost, HttpReply } from '@mooring/http-client/post'
import type { LagRule, Observation } from '@mooring/market/selection/observation'
import { type Score, scoreOf } from '@mooring/market/selection/score'
import type { RpcParams } from '@mooring/protocol/json-rpc/request'
import { requestText } from '@mooring/protocol/relays/request-text'
import { relayHeaders } from '@mooring/protocol/relays/sessions'
import type { AgentLink } from '../agents/agent-link.ts'
import type { RelayProof } from '../agents/relay-session.ts'
import {
  type AnsweringNode,
  type SignableRequest,
  verifiedAnswer,
} from '../agents/signed-answer.ts'
import type { UpstreamConfig } from '../config.ts'
import type { MarketNode } from '../market/node-upstreams.ts'
import { type Reply, replyOf, UpstreamIds } from './ask.ts'
import { type CordonKind, CordonState } from './cordon.ts'
import { LatencyBook } from './latency-book.ts'
import { Lessons } from './lessons.ts'
import { RecentRelays } from './recent-relays.ts'
import { SuccessRate } from './success-rate.ts'
import { createTally } from './work-tally.ts'

/** A newcomer or returning upstream gets this part of a full weight. */
const probationFactor = 0.1
/** Methods whose failures are counted apart; more than a node's whole vocabulary. */
const methodsMax = 256
/** How fast the smoothed probe latency follows. */
const probeLatencyStep = 0.2

/** repeatable: sending it twice changes nothing. members: what is looked for in a result that is an object. */
export type RelayOptions = {
  timeoutMs: number
  /** What the node is asked to sign of its answer; left out where nobody wants it, or there is nothing that it may. */
  sign?: SignableRequest | undefined
  repeatable: boolean
  members: readonly string[] | undefined
}

export type StakedNode = Pick<MarketNode, 'nodeId' | 'providerId' | 'stake' | 'community'>

/** How many of the latest requests for one method failed while others answered them. */
type MethodRecord = { failed: number; ended: number }

/** Requests after which the older ones count half. */
const recordMemory = 64
/** Fewer failures than this say nothing. */
const failuresMin = 5
/** A failure that may be the request's fault, though another node has answered it. */
const unclearWeight = 0.5

function count(record: MethodRecord, isFailure: boolean): void {
  if (isFailure) record.failed++
  if (++record.ended < recordMemory) return
  record.failed /= 2
  record.ended /= 2
}

/** One URL of one node for one chain: its connections and everything observed of it. */
export class Upstream {
  readonly id: string
  readonly provider: string
  readonly type: UpstreamConfig['type']
  readonly inFlightMax: number
  /** Whoever has not got the pool is never served by it; undefined: it serves everybody. */
  readonly pool: string | undefined
  /** As it stands in the configuration. */
  readonly config: UpstreamConfig
  readonly recentRelays: RecentRelays
  readonly cordon = new CordonState()
  readonly successes = new SuccessRate()
  readonly latencies = new LatencyBook()
  readonly lessons = new Lessons()
  readonly work = createTally()
  /** What the settlement chain says of it; undefined for one that the operator has named. */
  staked: StakedNode | undefined
  readonly #relays: HttpClient
  readonly #probes: HttpClient
  /** Told once it is left. */
  onClosed: (() => void) | undefined
  /** To the agent in front of the node; undefined where there is none. */
  readonly link: AgentLink | undefined
  #hasAnswered = false
  /** Whether any height query or check of its chain id has ended, well or not. */
  wasHeardOf = false

  chainId: Observation['chainId'] = 'unchecked'
  answersHeight = false
  /** What came instead of an answer to the last height query, in a word. */
  silence: string | undefined
  headBlock: number | undefined
  /** Hash of the first block after the genesis, as far as it tells. */
  genesisHash: string | undefined
  /** By method, whether it takes a block's hash in the place of a number; left out while nobody has tried. */
  readonly takesHashes = new Map<string, boolean>()
  probeLatencyMs: number | undefined
  inFlight = 0
  relayCount = 0
  failureCount = 0
  failuresInARow = 0
  readonly #ids = new UpstreamIds()
  readonly #byMethod = new Map<string, MethodRecord>()
  lastFailure: { class: string; atMs: number; detail: string } | undefined
  score: Score = { score: 0, gates: [], terms: [] }

  constructor(
    config: UpstreamConfig,
    {
      relays,
      probes,
      clock,
      link,
    }: {
      relays: HttpClient
      probes: HttpClient
      clock: { nowMs(): number }
      link?: AgentLink | undefined
    },
  ) {
    this.config = config
    this.pool = config.pool
    this.recentRelays = new RecentRelays(clock)
    this.id = `${config.provider}/${config.name}`
    this.provider = config.provider
    this.type = config.type
    this.inFlightMax = config.inFlightMax
    this.#relays = relays
    this.#probes = probes
    this.link = link
  }

  /** The operator's own serve everybody; a node that its provider has registered does where that says so. */
  get servesCommunity(): boolean {
    return this.staked === undefined || this.staked.community
  }

  /** Chance of being considered, against the other upstreams of the chain. */
  get weight(): number {
    return this.cordon.onProbation ? this.score.score * probationFactor : this.score.score
  }

  get assignable(): boolean {
    return this.score.score > 0 && (this.link === undefined || this.link.isOpen)
  }

  /**
   * Sends a consumer's request.
   *
   * @param options.repeatable - Sending it twice changes nothing.
   * @param options.members - What is looked for in a result that is an object.
   * @param done - Called once, and must not throw.
   */
  relay(
    request: { method: string; params: RpcParams },
    { timeoutMs, repeatable, members, sign }: RelayOptions,
    done: (reply: Reply) => void,
  ): void {
    this.inFlight++
    this.relayCount++
    this.recentRelays.add()
    const id = this.#ids.next()
    const body = requestText(request, id)
    if (this.link !== undefined) {
      const { link } = this
      const headerLines = sign === undefined ? undefined : signLine
      const post = { body, timeoutMs, repeatable, headerLines }
      this.#relayProven(link, request.method, post, ({ http, proof }) => {
        this.inFlight--
        const reply = { ...replyOf(http, id, members), proof }
        done(sign === undefined ? reply : signedReplyOf(reply, http, { sign, node: link.node }))
      })
      return
    }
    this.#relays.send({ body, timeoutMs, repeatable }, (reply) => {
      this.inFlight--
      done(replyOf(reply, id, members))
    })
  }

  /** As `relay`, of a node with an agent: what is needed for a receipt comes with the reply. */
  #relayProven(
    link: AgentLink,
    method: string,
    post: HttpPost,
    done: (reply: { http: HttpReply; proof: RelayProof | undefined }) => void,
  ): void {
    const { session } = link
    if (session === undefined) {
      done({ http: noSession, proof: undefined })
      return
    }
    this.#relays.send(post, (http) => {
      if (!http.ok) done({ http, proof: undefined })
      // Nothing of it has reached the node.
      else if (http.status === unauthorized) {
        link.lost(session)
        done({ http: noSession, proof: undefined })
      } else {
        done({ http, proof: { session, method, request: post.body, response: http.text } })
      }
    })
  }

  /** Asks on connections of its own, so that a full relay pool cannot make a healthy upstream look silent. */
  async probe(request: { method: string; params: RpcParams }, timeoutMs: number): Promise<Reply> {
    await this.link?.whenOpen(timeoutMs)
    const id = this.#ids.next()
    const body = requestText(request, id)
    const session = this.link?.session
    const reply = await this.#probes.post({ body, timeoutMs, repeatable: true })
    if (reply.ok && reply.status === unauthorized && session !== undefined) {
      this.link?.lost(session)
    }
    return replyOf(reply, id)
  }

  /** @param silence - What came instead of an answer to the height query and its repetition. */
  recordAnswering(silence: string | undefined, nowMs: number): void {
    const answered = silence === undefined
    const returns = answered && !this.answersHeight && this.#hasAnswered
    this.wasHeardOf = true
    this.silence = silence
    this.answersHeight = answered
    if (answered) this.#hasAnswered = true
    this.successes.record(answered, 0.25)
    this.cordon.probed(answered, nowMs)
    if (!returns) return
    this.cordon.startProbation()
    // It may have come back as another version.
    this.takesHashes.clear()
  }

  recordProbeLatency(tookMs: number): void {
    const before = this.probeLatencyMs ?? tookMs
    this.probeLatencyMs = before + (tookMs - before) * probeLatencyStep
  }

  recordSuccess(method: string): void {
    this.failuresInARow = 0
    count(this.#recordOf(method), false)
    this.successes.record(true, 1)
    this.cordon.relaySucceeded()
  }

  /** @param isClear - Whether nothing but the node can be to blame: only then it counts towards a burst. */
  recordFailure(
    failure: { class: string; detail: string; atMs: number },
    { isClear }: { isClear: boolean },
  ): void {
    this.failureCount++
    if (isClear) this.failuresInARow++
    this.successes.record(false, isClear ? 1 : unclearWeight)
    this.lastFailure = failure
  }

  /**
   * Counts a failure of one method, and tells whether it mostly fails: a node may be well but for one thing
   * that it is asked. What a single caller makes fail among the requests of many does not weigh enough.
   */
  failsAt(method: string): boolean {
    const record = this.#recordOf(method)
    count(record, true)
    return record.failed >= failuresMin && record.failed * 2 > record.ended
  }

  #recordOf(method: string): MethodRecord {
    const known = this.#byMethod.get(method)
    if (known !== undefined) return known
    if (this.#byMethod.size >= methodsMax) this.#byMethod.clear()
    const record = { failed: 0, ended: 0 }
    this.#byMethod.set(method, record)
    return record
  }

  takeOut(kind: CordonKind, why: string, nowMs: number, holdMs?: number): void {
    this.failuresInARow = 0
    this.cordon.begin(kind, why, nowMs, holdMs)
  }

  /** A block it has shown to hold; it cannot be behind that. */
  reachedBlock(block: number): void {
    if (this.headBlock === undefined || block > this.headBlock) this.headBlock = block
  }

  rescore(chainHead: number | undefined, lag: LagRule, nowMs: number): void {
    const lagBlocks =
      chainHead === undefined || this.headBlock === undefined
        ? undefined
        : chainHead - this.headBlock
    this.score = scoreOf(
      {
        chainId: this.chainId,
        answersHeight: this.answersHeight,
        silence: this.silence,
        lagBlocks,
        probeLatencyMs: this.probeLatencyMs,
        successRate: this.successes.value,
        inFlight: this.inFlight,
        inFlightMax: this.inFlightMax,
        stakeTimes: this.staked?.stake.times,
        cordonReason: this.cordon.reason(nowMs),
        agentTrouble: this.link?.trouble,
      },
      lag,
    )
  }

  close(): void {
    this.onClosed?.()
    // It asks for the receipts that are left, and tells when it has.
    void this.link?.stop()
    this.#relays.close()
    this.#probes.close()
  }
}

const unauthorized = 401
/** Asks a node to sign its answer. */
const signLine = `${relayHeaders.sign}: 1\r\n`

const noSession = {
  ok: false,
  fault: 'unreachable',
  sent: false,
  detail: 'there is no session with its agent',
} as const satisfies HttpReply

const wronglySigned = {
  kind: 'transport',
  fault: 'malformed',
  detail: 'it signs what it has not answered',
} as const

/** With what the node has signed. Who signs another answer than it gives has given none: it is not passed on, nor proven. */
function signedReplyOf(
  reply: Reply,
  http: HttpReply,
  { sign, node }: { sign: SignableRequest; node: AnsweringNode },
): Reply {
  const header = http.ok ? http.headers.get(relayHeaders.answer) : undefined
  if (header === undefined || reply.answer.kind !== 'result') return reply
  const { result } = reply.answer
  const signedAnswer = verifiedAnswer(header, { node, asked: sign, result })
  if (signedAnswer !== undefined) return { ...reply, signedAnswer }
  return { ...reply, proof: undefined, answer: wronglySigned }
}
