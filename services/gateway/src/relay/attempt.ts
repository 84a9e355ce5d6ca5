import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import type { SignableRequest } from '../agents/signed-answer.ts'
import type { Reply } from '../upstreams/ask.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { RelayOptions, Upstream } from '../upstreams/upstream.ts'
import type { AttemptContext } from './attempt-context.ts'
import { judge } from './judge.ts'
import type { AttemptReason, Outcome, Verdict } from './outcome.ts'
import { pinOf } from './pin.ts'
import type { Question } from './question.ts'
import { type Asked, record } from './record.ts'

/**
 * Sends the request to one upstream, judges what comes back and writes it into the upstream's record.
 *
 * @param done - Called once, with the outcome or with what broke here, and must not throw.
 */
export function startAttempt(
  upstream: Upstream,
  question: Question,
  options: AttemptOptions,
  context: AttemptContext,
  done: (outcome: Outcome | { broke: unknown }) => void,
): void {
  const { chain, clock } = context
  chain.upstreamShares.add(upstream.id)
  chain.providerShares.add(upstream.provider)
  const { reason, startedMs } = options
  askPinned(upstream, question, options, context, (asked) => {
    if ('broke' in asked) {
      done(asked)
      return
    }
    const tookMs = clock.nowMs() - startedMs
    const { verdict, pin, reply } = asked
    try {
      record(upstream, question.request, { asked, tookMs, context })
    } catch (broke) {
      done({ broke })
      return
    }
    const { proof, signedAnswer } = reply
    done({ upstream, reason, startedMs, tookMs, pin, verdict, proof, signedAnswer })
  })
}

/** As `startAttempt`, for what is sent seldom. */
export function attempt(
  upstream: Upstream,
  question: Question,
  options: AttemptOptions,
  context: AttemptContext,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    startAttempt(upstream, question, options, context, (outcome) => {
      if ('broke' in outcome) reject(outcome.broke)
      else resolve(outcome)
    })
  })
}

type AttemptOptions = {
  reason: AttemptReason
  timeoutMs: number
  repeatable: boolean
  startedMs: number
}

/**
 * Sends the request by the hash of its block where that is known. A node that may not take hashes and
 * refuses the params is asked once more by number, which tells whose fault it was.
 */
function askPinned(
  upstream: Upstream,
  question: Question,
  options: AttemptOptions,
  context: AttemptContext,
  done: (asked: Asked | { broke: unknown }) => void,
): void {
  const { request } = question
  const { method } = request
  const { takesHashes } = upstream
  const pin = takesHashes.get(method) === false ? undefined : pinOf(question, context.chain)
  const sent = pin?.request ?? request
  const how = relayOptionsOf(sent, options, context)
  upstream.relay(sent, how, (reply) => {
    const verdict = judgeSafely(question, reply, context)
    if ('broke' in verdict) return done(verdict)
    if (pin === undefined) return done({ reply, verdict, pin: undefined })
    if (verdict.kind === 'ok') takesHashes.set(method, true)
    const leftMs = how.timeoutMs - (context.clock.nowMs() - options.startedMs)
    const isDoubtful = isRefusalOfParams(verdict) && takesHashes.get(method) !== true
    if (!isDoubtful || leftMs <= 0) return done({ reply, verdict, pin: pin.hash })
    const plain = relayOptionsOf(request, { ...options, timeoutMs: leftMs }, context)
    upstream.relay(request, plain, (again) => {
      const second = judgeSafely(question, again, context)
      if ('broke' in second) return done(second)
      if (second.kind === 'ok') takesHashes.set(method, false)
      done({ reply: again, verdict: second, pin: undefined })
    })
  })
}

/** What breaks amid the events of a socket must reach the request that it is for. */
function judgeSafely(
  question: Question,
  reply: Reply,
  context: AttemptContext,
): Verdict | { broke: unknown } {
  try {
    return judge(question, reply, context)
  } catch (broke) {
    return { broke }
  }
}

/** @param request - As it is sent. */
function relayOptionsOf(
  request: RpcRequest,
  { timeoutMs, repeatable }: AttemptOptions,
  { chain, wantsSignature }: AttemptContext,
): RelayOptions {
  const reading = chain.family.readingOf(request.method)
  const members = typeof reading === 'object' ? reading.members : undefined
  const sign = wantsSignature === true ? signableIn(request, chain) : undefined
  return { timeoutMs, repeatable, members, sign }
}

function signableIn(request: RpcRequest, chain: ServedChain): SignableRequest | undefined {
  const { family, definition, canonical } = chain
  const signable = family.signableOf(request)
  if (signable === undefined) return undefined
  const { block } = signable
  const blockHash =
    block.kind === 'hash' ? block.hash : canonical.hashOf(block.number)?.toLowerCase()
  return { method: request.method, chainId: definition.chainId, signable, blockHash }
}

function isRefusalOfParams(verdict: Verdict): boolean {
  return verdict.kind === 'failed' && verdict.error.facts.failure === 'INVALID_PARAMS'
}
