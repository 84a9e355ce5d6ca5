import type { BlockNeed, MethodPolicy } from '@mooring/chains/family'
import { pickOfTwo, withinShare } from '@mooring/market/selection/pick'
import type { ServedChain } from './served-chain.ts'
import type { Upstream } from './upstream.ts'

/** A full node keeps state for about this many blocks; older state is asked of archive nodes first. */
const fullNodeStateBlocks = 128

export type SelectionAsk = {
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
  let fit: readonly Upstream[] = chain.upstreams.filter(
    (upstream) =>
      upstream.assignable &&
      upstream.inFlight < upstream.inFlightMax &&
      !ask.tried.includes(upstream),
  )
  for (const preference of preferences) {
    if (fit.length <= 1) break
    const wanted = preference(chain, ask, rule)
    if (wanted === undefined) continue
    fit = narrowed(fit, wanted)
  }
  fit = withinShare(fit, (provider) => chain.providerShares.of(provider), rule.providerShareMax)
  return pickOfTwo(fit, rule.random)
}

/** Those that pass, or all where none does. In nearly every case all do, which costs no new list. */
function narrowed(
  upstreams: readonly Upstream[],
  wanted: (upstream: Upstream) => boolean,
): readonly Upstream[] {
  let passed = 0
  for (const upstream of upstreams) if (wanted(upstream)) passed++
  return passed === 0 || passed === upstreams.length ? upstreams : upstreams.filter(wanted)
}

/** @returns The test an upstream should pass, or undefined when the request does not care. */
type Preference = (
  chain: ServedChain,
  ask: SelectionAsk,
  rule: SelectionRule,
) => ((upstream: Upstream) => boolean) | undefined

const offersMethod: Preference = (_chain, { method }, { nowMs }) => {
  return (upstream) => upstream.lessons.offers(method, nowMs)
}

const notKnownPruned: Preference = (_chain, { need, policy }, { nowMs }) => {
  if (need.kind !== 'range' || policy.needs === 'nothing') return undefined
  return (upstream) => upstream.lessons.earliestStateBlock(nowMs) <= need.from
}

const admitsRange: Preference = (_chain, { range }, { nowMs }) => {
  if (range === undefined) return undefined
  const blocks = range.to - range.from + 1
  return (upstream) => upstream.lessons.admitsRange(blocks, nowMs)
}

const knowsTag: Preference = (_chain, { need }, { nowMs }) => {
  if (need.kind !== 'tag') return undefined
  return (upstream) => upstream.lessons.offers(tagKey(need.tag), nowMs)
}

/**
 * A node that has not reached the block would answer null, or an older state than the consumer saw; one
 * that is behind has an older idea of what is safe or final, too. What the caller has seen may be newer
 * than what everybody is shown.
 */
const reachedBlock: Preference = (chain, { need, head: seen }) => {
  if (chain.headBlock === undefined || need.kind === 'none') return undefined
  const head = seen !== undefined && chain.isReached(seen) ? seen : chain.headBlock
  const block = need.kind === 'range' ? Math.min(need.to, head) : head
  return ({ headBlock = 0 }) => headBlock >= block
}

const archiveForWhatIsOld: Preference = (chain, { need, policy, tried }) => {
  if (policy.needs === 'nothing') return undefined
  const head = chain.headBlock ?? 0
  const isOld = need.kind === 'range' && need.from < head - fullNodeStateBlocks
  const isState = policy.needs === 'state' || policy.needs === 'trace'
  // What is named by a hash may be old, and old blocks may be gone too: once a node has come back without
  // it, archive nodes are the better guess.
  const mayBeGone = tried.length > 0 && (isOld || need.kind === 'hash')
  return (isOld && isState) || mayBeGone ? ({ type }) => type === 'archive' : undefined
}

/** What broke one node of a provider often broke its others. */
const otherProvider: Preference = (_chain, { tried }) => {
  if (tried.length === 0) return undefined
  const providers = new Set(tried.map(({ provider }) => provider))
  return ({ provider }) => !providers.has(provider)
}

/** When several nodes break together, the next attempt must not go to another one that just failed. */
const didNotJustFail: Preference = (_chain, { tried }) => {
  return tried.length === 0 ? undefined : ({ failuresInARow }) => failuresInARow === 0
}

const isPreferred: Preference = (_chain, { preferred }) => {
  return preferred === undefined ? undefined : (upstream) => upstream === preferred
}

const preferences: readonly Preference[] = [
  isPreferred,
  offersMethod,
  admitsRange,
  knowsTag,
  notKnownPruned,
  reachedBlock,
  archiveForWhatIsOld,
  didNotJustFail,
  otherProvider,
]
