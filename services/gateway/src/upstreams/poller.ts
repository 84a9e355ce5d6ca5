import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import type { ServedChain } from './served-chain.ts'
import type { Upstream } from './upstream.ts'

/** Waves between two standard probes of an upstream, and between two checks of its chain id. */
const wavesPerStandardProbe = 5
const wavesPerChainIdCheck = 60
/** A head that did not move for this many block times, and this long, is worth telling operators. */
const stalledBlocks = 10
const stalledMsMin = 30_000

/** Ends with `stop`, which resolves when the last wave has. */
export type Poller = { stop(): Promise<void> }

/**
 * Observes a chain's upstreams at the chain's pace. All are asked in one wave, so that a new block
 * reaches the scores of equal upstreams together and none gains by being asked first.
 *
 * A height query left unanswered is repeated at once; two in a row gate the upstream. Each waits half
 * an interval, so a dead upstream is out within two intervals.
 */
export function startPoller(chain: ServedChain, clock: Clock, events: Events): Poller {
  const stopping = new AbortController()
  const running = run(chain, { clock, events, signal: stopping.signal })
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

type Context = { clock: Clock; events: Events; signal: AbortSignal }

async function run(chain: ServedChain, context: Context): Promise<void> {
  let stalled = false
  for (let wave = 0; !context.signal.aborted; wave++) {
    const startedMs = context.clock.nowMs()
    await Promise.all(
      chain.upstreams.map(async (upstream) => {
        await observe(chain, upstream, wave, context)
        // Not once for the whole wave: an upstream that hangs must not hold the news of the others back.
        chain.review()
      }),
    )
    context.events.reviewed(chain)
    stalled = tellStall(chain, stalled, context.events)
    const tookMs = context.clock.nowMs() - startedMs
    const restMs = Math.max(chain.pollIntervalMs / 4, chain.pollIntervalMs - tookMs)
    await context.clock.sleep(restMs, context.signal)
  }
}

/** Told once per stall. Nobody is cordoned for it: a whole chain can stand still. */
function tellStall(chain: ServedChain, wasStalled: boolean, events: Events): boolean {
  const stalledMs = Math.max(stalledMsMin, chain.definition.blockTimeMs * stalledBlocks)
  const isStalled = chain.headAgeMs > stalledMs
  if (isStalled && !wasStalled) events.chainStalled(chain)
  return isStalled
}

async function observe(
  chain: ServedChain,
  upstream: Upstream,
  wave: number,
  context: Context,
): Promise<void> {
  if (upstream.chainId !== 'right' || wave % wavesPerChainIdCheck === 0) {
    await checkChainId(chain, upstream, context)
  }
  if (upstream.chainId !== 'right') return
  const answered =
    (await readHeight(chain, upstream, context)) || (await readHeight(chain, upstream, context))
  const tookMs =
    answered && wave % wavesPerStandardProbe === 0
      ? await timeStandardProbe(chain, upstream, context)
      : undefined
  const wasAnswering = upstream.answersHeight
  upstream.recordProbe(answered, tookMs, context.clock.nowMs())
  if (wasAnswering !== answered) context.events.answeringChanged(chain, upstream, answered)
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
): Promise<number | undefined> {
  const startedMs = clock.nowMs()
  const { answer } = await upstream.probe(chain.family.probes.standard, chain.pollIntervalMs)
  return answer.kind === 'result' ? clock.nowMs() - startedMs : undefined
}
