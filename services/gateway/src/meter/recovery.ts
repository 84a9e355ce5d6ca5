import { mergedOf } from '@mooring/protocol/metering/merge'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import type { Ledger, PostOutcome } from './ledger.ts'
import { type LoggedEpoch, removeFilesOf } from './log/segments.ts'

const retryMs = 1_000

type Context = { ledger: Pick<Ledger, 'post'>; clock: Clock; events: Events; signal: AbortSignal }

/**
 * Tells the ledger what epochs that have ended have left in the log, and that they have: what is leased to them is free
 * then. Deletes their files once it is in the books. What the ledger does not take stays where it is, for people to look at.
 */
export async function recover(epochs: readonly LoggedEpoch[], context: Context): Promise<void> {
  for (const logged of epochs) {
    const why = await recoverOne(logged, context)
    if (context.signal.aborted) return
    const { epoch, frames } = logged
    // Where nothing was used, nothing is lost by what the ledger says.
    const isLost = why !== undefined && frames.length > 0
    if (!isLost) removeFilesOf(logged)
    context.events.epochRecovered({ epoch, frames: frames.length, why: isLost ? why : undefined })
  }
}

/** @returns Why the ledger does not take it; undefined when it has, or when the signal ended it. */
async function recoverOne(logged: LoggedEpoch, context: Context): Promise<string | undefined> {
  const { instance, epoch, frames } = logged
  const first = frames[0]?.sequence ?? 1
  // Posts merge frames, so it must be known which ones are in the books before others are merged.
  const asked = {
    instance,
    epoch,
    number: 0,
    from: first,
    to: first - 1,
    usage: [],
    leases: [],
    closes: false,
  }
  const outcome = await insist(() => context.ledger.post(asked), context)
  if (outcome === undefined) return undefined
  if (outcome.kind === 'refusal' && outcome.refusal.error !== 'gap') return wordsOf(outcome)
  let { last } = outcome.kind === 'answer' ? outcome.answer : outcome.refusal
  for (;;) {
    const refused = await tellRest(logged, last, context)
    if (refused === undefined) return undefined
    // A post that was on its way when its process ended has come in between: some frames are in the books by it.
    if (refused.refusal.error !== 'gap' || refused.refusal.last <= last) return wordsOf(refused)
    last = refused.refusal.last
  }
}

/** Posts the frames after `last`. @returns What is refused; undefined when all is taken, or the signal ended it. */
async function tellRest(
  { instance, epoch, frames }: LoggedEpoch,
  last: number,
  context: Context,
): Promise<(Answered & { kind: 'refusal' }) | undefined> {
  const missing = frames.filter(({ sequence }) => sequence > last)
  for (const { from, to, usage, isLast } of mergedOf(missing, last)) {
    const request = { instance, epoch, number: 0, from, to, usage, leases: [], closes: isLast }
    const posted = await insist(() => context.ledger.post(request), context)
    if (posted?.kind !== 'answer') return posted
  }
  return undefined
}

type Answered = Exclude<PostOutcome, { kind: 'failed' }>

/** Tries until the ledger answers; undefined when the signal ends it. */
async function insist(
  post: () => Promise<PostOutcome>,
  { clock, events, signal }: Context,
): Promise<Answered | undefined> {
  while (!signal.aborted) {
    const outcome = await post()
    if (outcome.kind !== 'failed') return outcome
    events.ledgerSilent(outcome.why)
    await clock.sleep(retryMs, signal)
  }
  return undefined
}

function wordsOf({ refusal: { error, last, detail } }: Answered & { kind: 'refusal' }): string {
  return `${error}, after frame ${last}: ${detail}`
}
