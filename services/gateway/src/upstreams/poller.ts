import type { FailedReply } from '@mooring/chains/family'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import { followHead } from '../heads/follower.ts'
import { describe } from '../relay/outcome.ts'
import type { ServedChain } from './served-chain.ts'
import type { Upstream } from './upstream.ts'

/** Height queries between two standard probes of an upstream. */
const roundsPerStandardProbe = 5
/** How often an upstream is asked again which chain it serves. */
const chainIdCheckMs = 15_000
/** A node far away is no dead one: before it is known how long it takes, and for what has no hurry. */
const patientMs = 3_000
/** A height query may take this many times what the standard probe usually does. */
const patience = 3
/** A head that did not move for this many block times, and this long, is worth telling operators. */
const stalledBlocks = 10
const stalledMsMin = 30_000
/** Blocks that a head falls at once when more has happened than a reorganisation near it. */
const fallBlocks = 2

/** Ends with `stop`, which resolves when the last query has. */
export type Poller = { stop(): Promise<void> }

/**
 * Observes a chain's upstreams at the chain's pace. Each has a loop of its own, so that one that hangs
 * holds nobody up, and all loops keep the same beat, so that a new block reaches the scores of equal
 * upstreams together and none gains by being asked first.
 *
 * A height query left unanswered is repeated at once; two in a row gate the upstream. Each waits half
 * an interval, so a dead upstream is out within two intervals; one that is far away is given longer.
 */
export function startPoller(chain: ServedChain, clock: Clock, events: Events): Poller {
  const stopping = new AbortController()
  const context = { clock, events, signal: stopping.signal, startedMs: clock.nowMs() }
  const loops = chain.upstreams.map((upstream) => follow(chain, upstream, context))
  const following = followHead(chain, context)
  const watch = watchForStall(chain, context)
  return {
    async stop() {
      stopping.abort()
      await Promise.all([...loops, following, watch])
    },
  }
}

/** One round of observation, for an upstream that is about to be served. */
export async function observeOnce(
  chain: ServedChain,
  upstream: Upstream,
  clock: Clock,
  events: Events,
): Promise<void> {
  const { signal } = new AbortController()
  await observe(chain, upstream, 0, { clock, events, signal, startedMs: clock.nowMs() })
}

type Context = { clock: Clock; events: Events; signal: AbortSignal; startedMs: number }

async function follow(chain: ServedChain, upstream: Upstream, context: Context): Promise<void> {
  for (let round = 0; !context.signal.aborted; round++) {
    try {
      await observe(chain, upstream, round, context)
      // Whoever goes on with its upstreams rates them now, and those that were left are rated by nobody.
      if (context.signal.aborted) return
      chain.review()
      context.events.reviewed(chain)
    } catch (error) {
      // One round is lost; a loop that ended would leave the upstream with its last score for ever.
      context.events.broke(error, `observing ${upstream.id}`)
    }
    await nextBeat(chain, context)
  }
}

/** Sleeps until the next whole interval since the start, or until there is news. */
async function nextBeat({ pollIntervalMs, news }: ServedChain, context: Context): Promise<void> {
  const sinceMs = context.clock.nowMs() - context.startedMs
  const restMs = pollIntervalMs - (sinceMs % pollIntervalMs)
  await context.clock.sleep(restMs, AbortSignal.any([context.signal, news]))
}

async function observe(
  chain: ServedChain,
  upstream: Upstream,
  round: number,
  context: Context,
): Promise<void> {
  if (upstream.chainId !== 'right') {
    const failure = await checkChainId(chain, upstream, context)
    if (failure !== undefined) tell(chain, upstream, failure, context)
  }
  if (upstream.chainId !== 'right') return
  const { headBlock: before = 0, answersHeight: wasAnswering } = upstream
  let failure = await readHeight(chain, upstream)
  if (failure !== undefined && !context.signal.aborted) failure = await readHeight(chain, upstream)
  const fell = before - (upstream.headBlock ?? 0) > fallBlocks
  // Whoever was away, or is far below where it was, may have come back as another chain.
  const isInDoubt = fell || !wasAnswering || isGenesisDue(upstream, round)
  if (failure === undefined && isInDoubt) await readGenesis(chain, upstream, context)
  tell(chain, upstream, failure, context)
  if (failure !== undefined) return
  if (round % roundsPerStandardProbe === 0) await timeStandardProbe(chain, upstream, context)
  const roundsPerCheck = Math.max(1, Math.round(chainIdCheckMs / chain.pollIntervalMs))
  if (round % roundsPerCheck === roundsPerCheck - 1) {
    await checkChainId(chain, upstream, context)
    await readGenesis(chain, upstream, context)
  }
}

/** Records whether the upstream answers, and says so when that is news. */
function tell(
  chain: ServedChain,
  upstream: Upstream,
  failure: ProbeFailure | undefined,
  { clock, events, signal }: Context,
): void {
  if (signal.aborted) return
  const isNews = upstream.answersHeight !== (failure === undefined) || !upstream.wasHeardOf
  upstream.recordAnswering(failure?.word, clock.nowMs())
  if (isNews) events.answeringChanged(chain, upstream, failure?.detail)
}

/** word: may be shown to anyone. detail: for operators. */
type ProbeFailure = { word: string; detail: string }

function failureOf(reply: FailedReply): ProbeFailure {
  const word =
    reply.kind === 'transport'
      ? reply.fault
      : reply.kind === 'http'
        ? `HTTP ${reply.status}`
        : 'an error'
  return { word, detail: describe({ reply }) }
}

/** Resolves to why there was no answer. */
async function checkChainId(
  chain: ServedChain,
  upstream: Upstream,
  context: Context,
): Promise<ProbeFailure | undefined> {
  const { answer } = await upstream.probe(chain.family.probes.chainId, patientMs)
  if (answer.kind !== 'result') return failureOf(answer)
  const reported = chain.family.parseChainId(answer.result)
  const verdict = reported === chain.definition.chainId ? 'right' : 'wrong'
  if (verdict === 'wrong' && upstream.chainId !== 'wrong') {
    context.events.wrongChainId(chain, upstream, reported)
  }
  // One of another chain is never asked for its height, so that nothing more is to be heard of it.
  if (verdict === 'wrong') upstream.wasHeardOf = true
  upstream.chainId = verdict
  return undefined
}

/** Resolves to why there was no answer. */
async function readHeight(
  chain: ServedChain,
  upstream: Upstream,
): Promise<ProbeFailure | undefined> {
  const usualMs = upstream.probeLatencyMs ?? patientMs / patience
  const timeoutMs = Math.max(chain.pollIntervalMs / 2, Math.min(patientMs, patience * usualMs))
  const { family } = chain
  const { answer } = await upstream.probe(family.probes.height, timeoutMs)
  if (answer.kind !== 'result') {
    // It speaks, and asks for a pause: what was last heard of it stands.
    const { facts } = family.classify(answer, { method: family.probes.height.method })
    const isHeard = facts.learn === 'throttled' && upstream.headBlock !== undefined
    return isHeard ? undefined : failureOf(answer)
  }
  const height = chain.family.parseHeight(answer.result)
  if (height === undefined) return { word: 'not a height', detail: 'the answer is not a height' }
  upstream.headBlock = height
  return undefined
}

/** A chain may be so new that it has no first block yet. */
function isGenesisDue({ genesisHash }: Upstream, round: number): boolean {
  return genesisHash === undefined && round % roundsPerStandardProbe === 1
}

/**
 * Test chains start anew under the same chain id. The first block after the genesis tells, which may itself be
 * the same each time.
 */
async function readGenesis(
  chain: ServedChain,
  upstream: Upstream,
  { events, signal }: Context,
): Promise<void> {
  const { answer } = await upstream.probe(chain.family.probes.header(1), patientMs)
  const header = answer.kind === 'result' ? chain.family.parseHeader(answer.result) : undefined
  // A node that has dropped its oldest blocks, or fails, still serves the chain it did.
  if (header === undefined || signal.aborted) return
  upstream.genesisHash = header.hash
  if (chain.noticeGenesis()) events.startedAnew(chain)
}

async function timeStandardProbe(
  chain: ServedChain,
  upstream: Upstream,
  { clock }: Context,
): Promise<void> {
  const startedMs = clock.nowMs()
  const timeoutMs = Math.max(patientMs, chain.pollIntervalMs)
  const { answer } = await upstream.probe(chain.family.probes.standard, timeoutMs)
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
