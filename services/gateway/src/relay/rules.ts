import type { BlockNeed, DeadlineClass, MethodPolicy } from '@mooring/chains/family'
import { isNull, type Outcome, type Verdict } from './outcome.ts'

/** Most upstreams one request is sent to. */
const sendsMax = 3
/** Most upstreams that are tried for one request, those that could not be reached counted too. */
const attemptsMax = 6

/**
 * Whether one more upstream may be tried. A request that never reached an upstream costs nobody any work,
 * so when several nodes go down together it still finds the others.
 *
 * @param running - Attempts that have not ended yet.
 */
export function mayTryAnother(outcomes: readonly Outcome[], running: number): boolean {
  const unsent = outcomes.filter(({ verdict }) => verdict.kind === 'failed' && !verdict.sent).length
  const attempts = outcomes.length + running
  return attempts - unsent < sendsMax && attempts < attemptsMax
}

/** totalMs: until the consumer has an answer. attemptMs: for one upstream, so that another can follow. */
export const deadlines: Record<DeadlineClass, { totalMs: number; attemptMs: number }> = {
  quick: { totalMs: 10_000, attemptMs: 3_000 },
  heavy: { totalMs: 30_000, attemptMs: 12_000 },
  trace: { totalMs: 120_000, attemptMs: 50_000 },
  write: { totalMs: 20_000, attemptMs: 6_000 },
}

/** Longest wait for a block that has not reached any upstream asked. */
export const blockWaitMsMax = 2_000

/** A hedge sooner than this costs more than it saves. */
const hedgeAfterMsMin = 50
/** Before a percentile is known: this part of an attempt's time. */
const hedgeAfterPartUnknown = 0.15

/** Whether a second upstream may be raced against the first. Never for anything that may write. */
export function mayHedge(policy: MethodPolicy): boolean {
  return policy.effect === 'read'
}

/** Whether identical requests in flight may share one relay. */
export function mayShare(policy: MethodPolicy): boolean {
  return policy.effect === 'read'
}

/** Whether sending the request again changes nothing that the first sending did not. */
export function mayRepeat(policy: MethodPolicy): boolean {
  return policy.effect === 'read' || (policy.effect === 'write' && policy.idempotent)
}

export function hedgeAfterMs(p95Ms: number | undefined, attemptMs: number): number {
  return Math.max(hedgeAfterMsMin, p95Ms ?? attemptMs * hedgeAfterPartUnknown)
}

export type Decision = 'final' | 'ask elsewhere'

export type DecisionContext = {
  policy: MethodPolicy
  /** Whether the request may be sent again at all. */
  isRepeatable: boolean
  need: BlockNeed
  /** The chain's head as the caller may be shown it, in blocks. */
  head: number | undefined
}

/** Whether an outcome is the answer, given those before it. */
export function decide(
  outcome: Outcome,
  earlier: readonly Outcome[],
  context: DecisionContext,
): Decision {
  const { verdict } = outcome
  if (verdict.kind === 'ok') {
    return isDoubtful(outcome, verdict, { earlier, context }) ? 'ask elsewhere' : 'final'
  }
  if (!context.isRepeatable && mayHaveHappened(verdict)) return 'final'
  switch (verdict.error.facts.elsewhere) {
    case 'never':
      return 'final'
    case 'always':
      return 'ask elsewhere'
    case 'once':
      return earlier.some((other) => isSameError(other, outcome)) ? 'final' : 'ask elsewhere'
    case 'ifBehind':
      return isBehind(outcome, context.head) ? 'ask elsewhere' : 'final'
  }
}

/** The standard's number for a method that is not there; words alone may be part of what was carried out. */
const methodNotFound = -32601

/** A node that does not have the method has not carried it out. */
function mayHaveHappened({ sent, error, reply }: Verdict & { kind: 'failed' }): boolean {
  const isNotThere =
    error.facts.learn === 'methodUnsupported' &&
    reply.kind === 'error' &&
    reply.code === methodNotFound
  return sent && !isNotThere
}

type Ok = Verdict & { kind: 'ok' }

function isDoubtful(
  outcome: Outcome,
  verdict: Ok,
  { earlier, context }: { earlier: readonly Outcome[]; context: DecisionContext },
): boolean {
  if (isNull(verdict)) return isDoubtfulNull(earlier, context)
  // When a second one strays too, it is the agreement that is out of date.
  if (verdict.strayed) return !earlier.some(hasStrayed)
  return verdict.pending && isBehind(outcome, context.head)
}

function hasStrayed({ verdict }: Outcome): boolean {
  return verdict.kind === 'ok' && verdict.strayed
}

/** A null is believed when a second upstream says it too, or the block does not exist yet anywhere. */
function isDoubtfulNull(
  earlier: readonly Outcome[],
  { policy, need, head }: DecisionContext,
): boolean {
  if (policy.onNull === 'answer') return false
  if (need.kind === 'range' && head !== undefined && need.from > head) return false
  return !earlier.some(({ verdict }) => isNull(verdict))
}

/**
 * Whether every upstream asked only has to wait for a block: one that the chain has, or is about to have.
 * What is far from the head does not appear by waiting.
 */
export function mayAppearSoon(
  outcomes: readonly Outcome[],
  { need, head }: { need: BlockNeed; head: number | undefined },
): boolean {
  const isNear =
    need.kind === 'head' ||
    (need.kind === 'range' &&
      head !== undefined &&
      need.to <= head + 1 &&
      need.to > head - nearHeadBlocks)
  return isNear && outcomes.length > 0 && outcomes.every(waitsForABlock)
}

const nearHeadBlocks = 3

function waitsForABlock({ verdict }: Outcome): boolean {
  return verdict.kind === 'failed' && verdict.error.facts.later === 'blockTime'
}

function isSameError(a: Outcome, b: Outcome): boolean {
  return (
    a.verdict.kind === 'failed' &&
    b.verdict.kind === 'failed' &&
    a.verdict.error.class === b.verdict.error.class
  )
}

function isBehind({ upstream }: Outcome, head: number | undefined): boolean {
  return head !== undefined && (upstream.headBlock ?? 0) < head
}

/**
 * The outcome to answer with when none was decisive: what was found, then a null, then an error in a
 * node's own words, then the first failure.
 */
export function bestOf(outcomes: readonly Outcome[]): Outcome | undefined {
  return (
    outcomes.find((each) => wasFound(each) && !hasStrayed(each)) ??
    outcomes.find(wasFound) ??
    outcomes.find(({ verdict }) => verdict.kind === 'ok') ??
    outcomes.find(
      ({ verdict }) =>
        verdict.kind === 'failed' &&
        isInformative(verdict.error.facts, verdict.reply.kind) &&
        (verdict.error.facts.learn !== 'methodUnsupported' || outcomes.every(lacksMethod)),
    ) ??
    outcomes.find((each) => !lacksMethod(each)) ??
    outcomes[0]
  )
}

/** That one node lacks a method says little while others could not be asked. */
function lacksMethod({ verdict }: Outcome): boolean {
  return verdict.kind === 'failed' && verdict.error.facts.learn === 'methodUnsupported'
}

/** Whether the node did its work: a result, or an error that is one. */
export function isAnswer({ verdict }: Outcome): boolean {
  return verdict.kind === 'ok' ? !isNull(verdict) : verdict.error.facts.score === 'success'
}

function wasFound({ verdict }: Outcome): boolean {
  return verdict.kind === 'ok' && !isNull(verdict)
}

function isInformative({ native }: { native: boolean }, replyKind: string): boolean {
  return native && replyKind === 'error'
}
