import type { BlockHeader } from '@mooring/chains/family'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { Upstream } from '../upstreams/upstream.ts'
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
  const agreed = await agreeOnHeader(chain, head, ask)
  // The chain may have started anew, or the gateway may be stopping, while the answer was on its way.
  if (signal.aborted || chain.scope !== scope) return undefined
  const joined = agreed && (await lineageOf(chain, agreed.header, agreed.upstream, ask.timeoutMs))
  if (signal.aborted || chain.scope !== scope) return undefined
  if (joined === undefined && !chain.hasShown(head)) {
    const sinceMs = held?.sinceMs ?? clock.nowMs()
    if (clock.nowMs() - sinceMs < chain.pollIntervalMs) return { sinceMs }
  }
  if (joined !== undefined) takeHead(chain, joined, events)
  chain.showHead(head)
  if (round % roundsPerFinality === 0 || chain.finalBlock === undefined) {
    await followFinality(chain, ask)
  }
  if (agreed !== undefined) await backfill(chain, agreed.upstream, ask.timeoutMs)
  return undefined
}

/** The new head and its parents down to a block that is known, ascending; undefined when they cannot be read. */
async function lineageOf(
  chain: ServedChain,
  head: BlockHeader,
  upstream: Upstream,
  timeoutMs: number,
): Promise<BlockHeader[] | undefined> {
  const { canonical } = chain
  const headers = [head]
  let lowest = head
  const isKnown = () => canonical.takes(lowest) || canonical.hashOf(lowest.number) === lowest.hash
  const isBelow = () => lowest.number <= (canonical.first?.number ?? 0)
  while (canonical.size > 0 && !isKnown() && !isBelow() && headers.length < walkBlocksMax) {
    const parent = await readHeader(chain, upstream, lowest.parentHash, timeoutMs)
    if (parent === undefined || parent.number !== lowest.number - 1) return undefined
    headers.push(parent)
    lowest = parent
  }
  return headers.reverse()
}

async function readHeader(
  { family }: ServedChain,
  upstream: Upstream,
  hash: string,
  timeoutMs: number,
): Promise<BlockHeader | undefined> {
  const { answer } = await upstream.probe(family.probes.headerByHash(hash), timeoutMs)
  const header = answer.kind === 'result' ? family.parseHeader(answer.result) : undefined
  return header?.hash === hash ? header : undefined
}

function takeHead(chain: ServedChain, headers: readonly BlockHeader[], events: Events): void {
  const [lowest] = headers
  const top = headers.at(-1)
  if (lowest === undefined || top === undefined) return
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

async function followFinality(
  chain: ServedChain,
  ask: { turn: number; timeoutMs: number },
): Promise<void> {
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
async function backfill(chain: ServedChain, upstream: Upstream, timeoutMs: number): Promise<void> {
  const { canonical } = chain
  for (let step = 0; step < backfillBlocks; step++) {
    const { first } = canonical
    const isEnough =
      first === undefined ||
      first.number <= (chain.finalBlock ?? 0) ||
      canonical.size >= backfilledBlocksMax
    if (isEnough) return
    const parent = await readHeader(chain, upstream, first.parentHash, timeoutMs)
    if (parent === undefined || canonical.first !== first) return
    canonical.prepend(parent)
  }
}
