import type { NamedBlock } from '@mooring/chains/family'
import type { Exchange, RpcAnswer } from '../exchange.ts'
import type { Outcome } from '../relay/outcome.ts'
import { isNull } from '../relay/outcome.ts'
import type { StoredAnswer } from './answer-store.ts'

/** What an answer is true of, as far as the request tells. */
export type Keeping =
  /** Content that is named by its hash. */
  | { kind: 'timeless' }
  /** Blocks that could not be replaced any more when the request came. */
  | { kind: 'final' }
  /** One block that may still be replaced. */
  | { kind: 'block'; block: NamedBlock }
  /** The block that the answer reveals. */
  | { kind: 'revealed' }
  /** This moment. */
  | { kind: 'brief'; forMs: number }

export type CachePlan = {
  key: string
  keeping: Keeping
  /** The chain when the request came: what became final since may have been answered from another fork. */
  keptBlock: number
  scope: string
}

/** Where a request's answer would be kept, and on what terms; undefined when it is not to be kept. */
export function cachePlanOf(exchange: Exchange): CachePlan | undefined {
  const { chain, request, policy, headBlock } = exchange
  if (policy.effect !== 'read' || policy.cache === 'never') return undefined
  const keeping = keepingOf(exchange)
  if (keeping === undefined) return undefined
  const text = chain.family.cacheKeyOf(request)
  if (text === undefined) return undefined
  const { keptBlock, scope } = chain
  // What changes with the head is asked anew at each.
  const at = policy.cache === 'head' ? `@${headBlock ?? ''}` : ''
  return { key: `${scope} ${text}${at}`, keeping, keptBlock, scope }
}

/** Methods whose answer changes with an upgrade of the node, if ever. */
const staticForMs = 3_600_000
/** Longest that an answer about the newest block is given again. */
const headForMsMax = 2_000

function keepingOf({ chain, policy, need }: Exchange): Keeping | undefined {
  switch (policy.cache) {
    case 'never':
      return undefined
    case 'static':
      return { kind: 'brief', forMs: staticForMs }
    case 'head':
      return { kind: 'brief', forMs: Math.min(headForMsMax, chain.definition.blockTimeMs) }
    case 'immutable':
      return { kind: 'revealed' }
    case 'byHash':
      return { kind: 'timeless' }
    case 'byBlock':
      break
  }
  if (need.kind === 'hash') return { kind: 'timeless' }
  if (need.kind === 'tag') return { kind: 'final' }
  if (need.kind !== 'range') return undefined
  if (need.to <= chain.keptBlock) return { kind: 'final' }
  const hash = need.from === need.to ? chain.canonical.hashOf(need.to) : undefined
  return hash === undefined ? undefined : { kind: 'block', block: { number: need.to, hash } }
}

/** Whether a stored answer still holds. */
export function holds(
  { block, untilMs }: StoredAnswer,
  { chain }: Exchange,
  nowMs: number,
): boolean {
  if (untilMs !== undefined && untilMs <= nowMs) return false
  if (block === undefined) return true
  // Once its block is final it is asked anew: what layer two adds to a block with time is in it by then.
  return chain.canonical.hashOf(block.number) === block.hash && block.number > chain.keptBlock
}

/** What is true of a block that can still be replaced is not kept longer than this. */
const blockForMs = 60_000
const unsupportedForMs = 60_000

/**
 * What to keep of an answer that an upstream gave.
 *
 * @returns Undefined for what may be wrong by the next time it is asked.
 */
export function storedOf(
  plan: CachePlan,
  exchange: Exchange,
  { answer, nowMs }: { answer: RpcAnswer; nowMs: number },
): StoredAnswer | undefined {
  const outcome = exchange.relayed?.answer
  if (outcome === undefined || exchange.chain.scope !== plan.scope) return undefined
  const { verdict } = outcome
  if (verdict.kind === 'failed') {
    // An error of ours tells how many nodes were asked this time.
    if (answer.kind === 'error' && answer.details !== undefined) return undefined
    const { cache } = verdict.error.facts
    // While one node lacks the method and the others are down, nobody can tell that none has it.
    if (cache === 'minutes') {
      const isAgreed = exchange.relayed?.outcomes.every((each) => isSameFailure(each, outcome))
      return isAgreed ? { answer, untilMs: nowMs + unsupportedForMs } : undefined
    }
    return cache === 'likeResult' ? keep(plan, outcome, exchange, { answer, nowMs }) : undefined
  }
  if (verdict.strayed || verdict.pending || isNull(verdict)) return undefined
  if (verdict.resultJson === '[]' && !mayKeepEmpty(outcome, plan)) return undefined
  return keep(plan, outcome, exchange, { answer, nowMs })
}

function isSameFailure(a: Outcome, b: Outcome): boolean {
  return (
    a.verdict.kind === 'failed' &&
    b.verdict.kind === 'failed' &&
    a.verdict.error.class === b.verdict.error.class
  )
}

/**
 * That there is nothing is said by nodes too that have not got what there is. It is believed of an archive,
 * and of a block that was named by its hash while it was canonical.
 */
export function mayKeepEmpty(
  { upstream, pin }: Outcome,
  { keeping }: Pick<CachePlan, 'keeping'>,
): boolean {
  if (keeping.kind === 'timeless') return false
  return upstream.type === 'archive' || (keeping.kind === 'block' && pin === keeping.block.hash)
}

function keep(
  { keeping, keptBlock }: CachePlan,
  { verdict, pin }: Outcome,
  { chain }: Exchange,
  { answer, nowMs }: { answer: RpcAnswer; nowMs: number },
): StoredAnswer | undefined {
  const revealed = verdict.kind === 'ok' ? verdict.block : undefined
  const whileCanonical = (block: NamedBlock): StoredAnswer | undefined =>
    chain.canonical.hashOf(block.number) === block.hash
      ? { answer, block, untilMs: nowMs + blockForMs }
      : undefined
  switch (keeping.kind) {
    case 'final':
      return { answer }
    case 'brief':
      return { answer, untilMs: nowMs + keeping.forMs }
    case 'block': {
      const { block } = keeping
      // Asked by number, a node may have answered from another fork: the answer must name the block.
      return pin === block.hash || revealed?.hash === block.hash ? whileCanonical(block) : undefined
    }
    case 'timeless':
      // A block that is not final yet may gain members that its hash does not cover.
      if (revealed === undefined || revealed.number <= keptBlock) return { answer }
      return revealed.hash === undefined
        ? undefined
        : whileCanonical({ number: revealed.number, hash: revealed.hash })
    case 'revealed': {
      if (revealed?.hash === undefined) return undefined
      if (revealed.number <= keptBlock) return { answer }
      return whileCanonical({ number: revealed.number, hash: revealed.hash })
    }
  }
}
