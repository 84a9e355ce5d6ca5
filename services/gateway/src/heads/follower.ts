import type { BlockHeader } from '@mooring/chains/family'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import { agreeOnHeader } from './agreement.ts'
import { agreeOnTag } from './finality.ts'

/** Blocks walked back at once to find where a new head joins on; past them the window starts anew. */
const walkBlocksMax = 64
/** Blocks below the window that are asked for in one round, while it is short. */
const backfillBlocks = 4
/** The window grows downwards to about this length and to the final block, whichever is nearer. */
const backfilledBlocksMax = 128
/** Rounds between two questions where the tags stand. */
const roundsPerFinality = 2

export type FollowContext = { clock: Clock; events: Events; signal: AbortSignal }

/** Since when heads have been held back because their hashes are not agreed on. */
type HeldHead = { sinceMs: number }

/**
 * Follows the one fork of a chain that its providers agree on: at each new head, and once in each poll
 * interval. The head is shown to consumers when its hash is known, so that what is asked about it can be
 * asked by hash. While too few say the same, others may be about to reach it: it is held back for the time
 * of one poll, and then shown all the same.
 */
export async function followHead(chain: ServedChain, context: FollowContext): Promise<void> {
  chain.isFollowed = true
  let held: HeldHead | undefined
  for (let round = 0; !context.signal.aborted; round++) {
    try {
      held = await followOnce(chain, { round, held }, context)
    } catch (error) {
      // One round is lost; without the next ones the head would stand still.
      context.events.broke(error, `following the head of ${chain.name}`)
    }
    const wake = AbortSignal.any([context.signal, chain.headNews])
    await context.clock.sleep(chain.pollIntervalMs, wake)
  }
}

/** @returns The head that is held back, if it is. */
async function followOnce(
  chain: ServedChain,
  { round, held }: { round: number; held: HeldHead | undefined },
  { clock, events, signal }: FollowContext,
): Promise<HeldHead | undefined> {
  const head = chain.judgedHead
  if (head === undefined) return undefined
  const { scope } = chain
  const ask = { turn: round, timeoutMs: chain.pollIntervalMs / 2 }
  const { agreed, claimed } = await agreeOnHeader(chain, head, ask)
  // The chain may have started anew, or the gateway may be stopping, while the answer was on its way.
  if (signal.aborted || chain.scope !== scope) return undefined
  if (agreed === undefined && !chain.hasShown(head)) {
    const sinceMs = held?.sinceMs ?? clock.nowMs()
    if (clock.nowMs() - sinceMs < chain.pollIntervalMs) return { sinceMs }
  }
  const taken = agreed ?? likeliest(chain, claimed)
  const lineage =
    taken &&
    (await lineageOf(
      chain,
      taken,
      { ...ask, untilMs: clock.nowMs() + chain.pollIntervalMs },
      clock,
    ))
  if (signal.aborted || chain.scope !== scope) return undefined
  if (taken !== undefined) takeHead(chain, lineage ?? [taken], events)
  chain.showHead(head)
  if (round % roundsPerFinality === 0 || chain.finalBlock === undefined) {
    await followFinality(chain, ask)
  }
  await backfill(chain, ask)
  return undefined
}

/**
 * Where providers differ for good, one side is followed all the same, so that no request is answered from
 * both: the one that goes on from what is known, else the one that most speak for.
 */
function likeliest(
  { canonical }: ServedChain,
  claimed: readonly BlockHeader[],
): BlockHeader | undefined {
  return (
    claimed.find(({ number, hash }) => canonical.hashOf(number) === hash) ??
    claimed.find((header) => canonical.takes(header)) ??
    claimed[0]
  )
}

type Ask = { turn: number; timeoutMs: number }

/**
 * The new head and its parents down to a block that is known, ascending, each as two providers describe it;
 * undefined when they cannot be read in time, or lead nowhere that is known.
 */
async function lineageOf(
  chain: ServedChain,
  head: BlockHeader,
  ask: Ask & { untilMs: number },
  clock: Clock,
): Promise<BlockHeader[] | undefined> {
  const { canonical } = chain
  const headers = [head]
  let lowest = head
  const isKnown = () => canonical.takes(lowest) || canonical.hashOf(lowest.number) === lowest.hash
  if (canonical.size === 0) return headers
  while (!isKnown()) {
    const isTooFar =
      headers.length >= walkBlocksMax || lowest.number <= (canonical.first?.number ?? 0)
    if (isTooFar || clock.nowMs() > ask.untilMs) return undefined
    const parent = await parentOf(chain, lowest, ask)
    if (parent === undefined) return undefined
    headers.push(parent)
    lowest = parent
  }
  return headers.reverse()
}

/** As two providers describe it: one alone could make up a whole line of parents. */
async function parentOf(
  chain: ServedChain,
  { number, parentHash }: BlockHeader,
  ask: Ask,
): Promise<BlockHeader | undefined> {
  const { agreed, claimed } = await agreeOnHeader(chain, number - 1, ask)
  // While providers differ the side that is followed has its own parents.
  return [agreed, ...claimed].find((header) => header?.hash === parentHash)
}

function takeHead(chain: ServedChain, headers: readonly BlockHeader[], events: Events): void {
  const top = headers.at(-1)
  if (top === undefined) return
  const { canonical } = chain
  // The nodes that are left are behind, on the same fork as far as it can be told.
  if (canonical.hashOf(top.number) === top.hash) return
  if (top.number < (canonical.first?.number ?? 0)) return
  const news = headers.filter(({ number, hash }) => canonical.hashOf(number) !== hash)
  const [first = top] = news
  const isFork = canonical.takes(first)
  const replaced = canonical.join(news)
  if (replaced.length === 0) return
  if (isFork) {
    chain.replaced(replaced)
    events.reorganised(chain, replaced.length)
  } else {
    chain.lostSight(replaced)
  }
}

async function followFinality(chain: ServedChain, ask: Ask): Promise<void> {
  const { finality } = chain.definition
  const head = chain.headBlock
  const { scope } = chain
  if (head === undefined) return
  if (finality.rule === 'instant') return chain.raiseFinal(head)
  if (finality.rule === 'depth') return chain.raiseFinal(head - finality.depthBlocks)
  const [finalized, safe] = await Promise.all([
    agreeOnTag(chain, 'finalized', ask),
    agreeOnTag(chain, 'safe', ask),
  ])
  if (chain.scope !== scope) return
  if (typeof safe === 'number') chain.raiseSafe(safe)
  if (finalized === 'unsupported') chain.raiseFinal(head - finality.depthBlocks)
  else if (finalized !== undefined) chain.raiseFinal(finalized)
}

/** After a start the window holds the head alone; a few rounds later it holds what is asked most. */
async function backfill(chain: ServedChain, ask: Ask): Promise<void> {
  const { canonical } = chain
  for (let step = 0; step < backfillBlocks; step++) {
    const { first } = canonical
    const isEnough =
      first === undefined ||
      first.number <= (chain.finalBlock ?? 0) ||
      canonical.size >= backfilledBlocksMax
    if (isEnough) return
    const parent = await parentOf(chain, first, ask)
    if (parent === undefined || canonical.first !== first) return
    canonical.prepend(parent)
  }
}
