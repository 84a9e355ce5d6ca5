import type { ClassifiedError, FailedReply, RevealedBlock } from '@mooring/chains/family'
import type { ResultText } from '@mooring/protocol/json-rpc/reply'
import type { Reply } from '../upstreams/ask.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { AttemptContext } from './attempt-context.ts'
import type { Verdict } from './outcome.ts'
import type { Question } from './question.ts'

/** Tells what an upstream's reply is worth: an answer, or a failure and of which class. */
export function judge(
  question: Question,
  { answer, sent }: Reply,
  { chain, headBlock }: AttemptContext,
): Verdict {
  const { family } = chain
  const { method } = question.request
  if (answer.kind !== 'result') {
    return { kind: 'failed', error: family.classify(answer, { method }), reply: answer, sent }
  }
  const { resultJson } = answer
  const seen = family.readingOf(method) === 'whole' ? answer.result : answer.outline
  // What is wrong from outside is looked at whole: it may say what it is.
  const isSuspect = family.classifyResult(method, seen) !== undefined
  const disguised = isSuspect ? family.classifyResult(method, answer.result) : undefined
  if (disguised !== undefined) {
    const reply = { kind: 'http', status: 200, text: resultJson } as const
    return { kind: 'failed', error: disguised, reply, sent }
  }
  if (resultJson === 'null' && isOfAKnownBlock(question, headBlock)) {
    const { facts, ...error } = family.classify(blockNotFound, { method })
    // Such a null proves what an error that says the same only claims.
    const behind: ClassifiedError = { ...error, facts: { ...facts, learn: 'behind' } }
    return { kind: 'failed', error: behind, reply: blockNotFound, sent }
  }
  const block = family.revealedBlockOf(method, seen)
  return new Accepted(answer, {
    block,
    pending: family.isPending(method, seen),
    strayed: block !== undefined && hasStrayed(question, block, chain),
  })
}

type Ok = Verdict & { kind: 'ok' }

/** A class, for a getter in an object is made anew with each object, and one is made for every answer. */
class Accepted implements Ok {
  readonly kind = 'ok'
  readonly resultJson: string
  readonly block: RevealedBlock | undefined
  readonly pending: boolean
  readonly strayed: boolean
  readonly #answer: ResultText

  constructor(answer: ResultText, facts: Pick<Ok, 'block' | 'pending' | 'strayed'>) {
    this.#answer = answer
    this.resultJson = answer.resultJson
    this.block = facts.block
    this.pending = facts.pending
    this.strayed = facts.strayed
  }

  get result(): unknown {
    return this.#answer.result
  }
}

/** Whether an answer names another block than the one that providers agree on at its height. */
function hasStrayed(
  { policy, need }: Question,
  { number, hash }: RevealedBlock,
  { canonical }: ServedChain,
): boolean {
  const agreed = canonical.hashOf(number)
  if (agreed === undefined || hash === undefined || agreed === hash) return false
  // What is asked for by the hash of a block may be of any fork; what is asked for by that of a
  // transaction may not.
  return need.kind !== 'hash' || policy.cache === 'immutable'
}

/** What a node that lacks a block would say, had it not said null. */
const blockNotFound = {
  kind: 'error',
  status: 200,
  code: -32001,
  message: 'block not found',
  dataJson: undefined,
} as const satisfies FailedReply

/** Whether a null denies a block that the chain has: then it tells of the node, not of the chain. */
function isOfAKnownBlock({ policy, need }: Question, headBlock: number | undefined): boolean {
  if (policy.onNull !== 'missing' || headBlock === undefined) return false
  return need.kind === 'range' && need.to <= headBlock
}
