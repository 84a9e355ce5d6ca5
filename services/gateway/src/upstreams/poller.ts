import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import type { ServedChain } from './served-chain.ts'
import type { Upstream } from './upstream.ts'

/** Height queries between two standard probes of an upstream, and between two checks of its chain id. */
const roundsPerStandardProbe = 5
const roundsPerChainIdCheck = 60
/** A head that did not move for this many block times, and this long, is worth telling operators. */
const stalledBlocks = 10
const stalledMsMin = 30_000

/** Ends with `stop`, which resolves when the last query has. */
export type Poller = { stop(): Promise<void> }

/**
 * Observes a chain's upstreams at the chain's pace. Each has a loop of its own, so that one that hangs
 * holds nobody up, and all loops keep the same beat, so that a new block reaches the scores of equal
 * upstreams together and none gains by being asked first.
 *
 * A height query left unanswered is repeated at once; two in a row gate the upstream. Each waits half
 * an interval, so a dead upstream is out within two intervals.
 */
export function startPoller(chain: ServedChain, clock: Clock, events: Events): Poller {
  const stopping = new AbortController()
  const context = { clock, events, signal: stopping.signal, startedMs: clock.nowMs() }
  const loops = chain.upstreams.map((upstream) => follow(chain, upstream, context))
  const watch = watchForStall(chain, context)
  return {
    async stop() {
      stopping.abort()
      await Promise.all([...loops, watch])
    },
  }
}

type Context = { clock: Clock; events: Events; signal: AbortSignal; startedMs: number }

async function follow(chain: ServedChain, upstream: Upstream, context: Context): Promise<void> {
  for (let round = 0; !context.signal.aborted; round++) {
    await observe(chain, upstream, round, context)
    chain.review()
    context.events.reviewed(chain)
    await nextBeat(chain, context)
  }
}

/** Sleeps until the next whole interval since the start. */
async function nextBeat({ pollIntervalMs }: ServedChain, context: Context): Promise<void> {
  const sinceMs = context.clock.nowMs() - context.startedMs
  await context.clock.sleep(pollIntervalMs - (sinceMs % pollIntervalMs), context.signal)
}

async function observe(
  chain: ServedChain,
  upstream: Upstream,
  round: number,
  context: Context,
): Promise<void> {
  if (upstream.chainId !== 'right') await checkChainId(chain, upstream, context)
  if (upstream.chainId !== 'right') return
  const answered =
    (await readHeight(chain, upstream, context)) || (await readHeight(chain, upstream, context))
  if (context.signal.aborted) return
  const wasAnswering = upstream.answersHeight
  upstream.recordAnswering(answered, context.clock.nowMs())
  if (wasAnswering !== answered) context.events.answeringChanged(chain, upstream, answered)
  if (!answered) return
  if (round % roundsPerStandardProbe === 0) await timeStandardProbe(chain, upstream, context)
  if (round % roundsPerChainIdCheck === roundsPerChainIdCheck - 1) {
    await checkChainId(chain, upstream, context)
  }
}

async function checkChainId(
  chain: ServedChain,
  upstream: Upstream,
  context: Context,
): Promise<void> {
  const { answer } = await upstream.probe(chain.family.probes.chainId, chain.pollIntervalMs / 2)
  if (answer.kind !== 'result') return
  const reported = chain.family.parseChainId(answer.result)
  const verdict = reported === chain.definition.chainId ? 'right' : 'wrong'
  if (verdict === 'wrong' && upstream.chainId !== 'wrong') {
    context.events.wrongChainId(chain, upstream, reported)
  }
  upstream.reportedChainId = reported
  upstream.chainId = verdict
}

async function readHeight(
  chain: ServedChain,
  upstream: Upstream,
  context: Context,
): Promise<boolean> {
  if (context.signal.aborted) return false
  const { answer } = await upstream.probe(chain.family.probes.height, chain.pollIntervalMs / 2)
  if (answer.kind !== 'result') return false
  const height = chain.family.parseHeight(answer.result)
  if (height === undefined) return false
  upstream.headBlock = height
  return true
}

async function timeStandardProbe(
  chain: ServedChain,
  upstream: Upstream,
  { clock }: Context,
): Promise<void> {
  const startedMs = clock.nowMs()
  const { answer } = await upstream.probe(chain.family.probes.standard, chain.pollIntervalMs)
  if (answer.kind === 'result') upstream.recordProbeLatency(clock.nowMs() - startedMs)
}

/** Told once per stall. Nobody is cordoned for it: a whole chain can stand still. */
async function watchForStall(chain: ServedChain, context: Context): Promise<void> {
  const stalledMs = Math.max(stalledMsMin, chain.definition.blockTimeMs * stalledBlocks)
  let wasStalled = false
  while (!context.signal.aborted) {
    await nextBeat(chain, context)
    const isStalled = chain.headAgeMs > stalledMs
    if (isStalled && !wasStalled) context.events.chainStalled(chain)
    wasStalled = isStalled
  }
}
