import type { BlockNeed, MethodPolicy } from '@mooring/chains/family'
import { type Asker, admits } from '@mooring/market/selection/admission'
import { pickOfTwo, withinShare } from '@mooring/market/selection/pick'
import type { ServedChain } from './served-chain.ts'
import type { Upstream } from './upstream.ts'

/** A full node keeps state for about this many blocks; older state is asked of archive nodes first. */
const fullNodeStateBlocks = 128

export type SelectionAsk = Asker & {
  method: string
  policy: MethodPolicy
  need: BlockNeed
  /** The chain's head as the caller has seen it, which may be newer than the one everybody is shown. */
  head: number | undefined
  /** The one that is to be asked first. */
  preferred: Upstream | undefined
  /** Blocks a scan would cover. */
  range: { from: number; to: number } | undefined
  /** Upstreams that already had this request; few. */
  tried: readonly Upstream[]
  /** Whether the answer is to be signed by the node. */
  wantsSignature?: boolean | undefined
}

/** A block tag is remembered as unsupported the way a method is. */
export function tagKey(tag: string): string {
  return `tag ${tag}`
}

export type SelectionRule = {
  providerShareMax: number
  random: () => number
  nowMs: number
}

/**
 * Picks the upstream for one attempt. A gate, a full pool and an earlier attempt exclude; everything
 * else is a preference that applies as long as it leaves someone, strongest first.
 *
 * @returns undefined when no upstream is fit.
 */
export function selectUpstream(
  chain: ServedChain,
  ask: SelectionAsk,
  rule: SelectionRule,
): Upstream | undefined {
  const choice: Choice = { chain, ask, rule }
  let fit = untried(choice)
  for (const preference of preferences) {
    if (fit.length <= 1) break
    if (preference.applies(choice)) fit = narrowed(fit, preference, choice)
  }
  fit = withinShare(fit, (provider) => chain.providerShares.of(provider), rule.providerShareMax)
  return pickOfTwo(fit, rule.random)
}

/** All that is looked at to choose. */
type Choice = { chain: ServedChain; ask: SelectionAsk; rule: SelectionRule }

/** Those that can take the request and have not had it. */
function untried({ chain, ask }: Choice): readonly Upstream[] {
  const fit: Upstream[] = []
  for (const upstream of chain.upstreams) {
    const hasRoom = upstream.assignable && upstream.inFlight < upstream.inFlightMax
    if (hasRoom && admits(upstream, ask) && !ask.tried.includes(upstream)) fit.push(upstream)
  }
  return fit
}

/** Those that pass, or all where none does. In nearly every case all do, which costs no new list. */
function narrowed(
  upstreams: readonly Upstream[],
  preference: Preference,
  choice: Choice,
): readonly Upstream[] {
  let passed = 0
  for (const upstream of upstreams) if (preference.passes(upstream, choice)) passed++
  if (passed === 0 || passed === upstreams.length) return upstreams
  return upstreams.filter((upstream) => preference.passes(upstream, choice))
}

/** Two functions that are made once, for every attempt asks all of them. */
type Preference = {
  /** Whether the request cares. */
  applies(choice: Choice): boolean
  passes(upstream: Upstream, choice: Choice): boolean
}

const offersMethod: Preference = {
  applies: () => true,
  passes: ({ lessons }, { ask, rule }) => lessons.offers(ask.method, rule.nowMs),
}

const notKnownPruned: Preference = {
  applies: ({ ask: { need, policy } }) => need.kind === 'range' && policy.needs !== 'nothing',
  passes: ({ lessons }, { ask: { need }, rule }) =>
    need.kind === 'range' && lessons.earliestStateBlock(rule.nowMs) <= need.from,
}

const admitsRange: Preference = {
  applies: ({ ask: { range } }) => range !== undefined,
  passes: ({ lessons }, { ask: { range }, rule }) =>
    range !== undefined && lessons.admitsRange(range.to - range.from + 1, rule.nowMs),
}

const knowsTag: Preference = {
  applies: ({ ask: { need } }) => need.kind === 'tag',
  passes: ({ lessons }, { ask: { need }, rule }) =>
    need.kind === 'tag' && lessons.offers(tagKey(need.tag), rule.nowMs),
}

/**
 * A node that has not reached the block would answer null, or an older state than the consumer saw; one
 * that is behind has an older idea of what is safe or final, too. What the caller has seen may be newer
 * than what everybody is shown.
 */
const reachedBlock: Preference = {
  applies: ({ chain, ask: { need } }) => chain.headBlock !== undefined && need.kind !== 'none',
  passes: ({ headBlock = 0 }, { chain, ask: { need, head: seen } }) => {
    const shown = chain.headBlock ?? 0
    const isNews = seen !== undefined && seen !== shown && chain.isReached(seen)
    const head = isNews ? seen : shown
    return headBlock >= (need.kind === 'range' ? Math.min(need.to, head) : head)
  },
}

const archiveForWhatIsOld: Preference = {
  applies: ({ chain, ask: { need, policy, tried } }) => {
    if (policy.needs === 'nothing') return false
    const head = chain.headBlock ?? 0
    const isOld = need.kind === 'range' && need.from < head - fullNodeStateBlocks
    const isState = policy.needs === 'state' || policy.needs === 'trace'
    // What is named by a hash may be old, and old blocks may be gone too: once a node has come back without
    // it, archive nodes are the better guess.
    const mayBeGone = tried.length > 0 && (isOld || need.kind === 'hash')
    return (isOld && isState) || mayBeGone
  },
  passes: ({ type }) => type === 'archive',
}

/** What broke one node of a provider often broke its others. */
const otherProvider: Preference = {
  applies: ({ ask: { tried } }) => tried.length > 0,
  passes: ({ provider }, { ask: { tried } }) => !tried.some((each) => each.provider === provider),
}

/** When several nodes break together, the next attempt must not go to another one that just failed. */
const didNotJustFail: Preference = {
  applies: ({ ask: { tried } }) => tried.length > 0,
  passes: ({ failuresInARow }) => failuresInARow === 0,
}

const isPreferred: Preference = {
  applies: ({ ask: { preferred } }) => preferred !== undefined,
  passes: (upstream, { ask: { preferred } }) => upstream === preferred,
}

/** Whoever has upstreams to itself has them so as not to wait for others. */
const ofOwnPool: Preference = {
  applies: ({ ask: { pools } }) => pools.length > 0,
  passes: ({ pool }) => pool !== undefined,
}

/** Only an agent signs. */
const mightSign: Preference = {
  applies: ({ ask: { wantsSignature } }) => wantsSignature === true,
  passes: ({ link }) => link !== undefined,
}

const preferences: readonly Preference[] = [
  mightSign,
  isPreferred,
  offersMethod,
  admitsRange,
  knowsTag,
  notKnownPruned,
  reachedBlock,
  archiveForWhatIsOld,
  didNotJustFail,
  otherProvider,
  ofOwnPool,
]
