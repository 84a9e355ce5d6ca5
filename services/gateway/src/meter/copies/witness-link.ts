import type { CopyHead } from '@mooring/protocol/metering/copies'
import type { Clock } from '@mooring/telemetry/clock'
import type { CopySettings } from '../../config.ts'
import type { KeptGroup } from './kept-frames.ts'
import { type SentOutcome, sendCopies } from './send-copies.ts'

/** After a request that failed; doubled with each, up to the second. */
const retryMsMin = 50
const retryMsMax = 1_000

export type LinkContext = {
  witness: CopySettings
  path: string
  clock: Clock
  signal: AbortSignal
  head: () => CopyHead
  /** Frames after this one. */
  framesAfter: (last: number) => KeptGroup | undefined
  /** It has more than before. */
  onReached: () => void
  /** @param why - Undefined when it answers. */
  onChanged: (why: string | undefined) => void
}

/** One witness, as this gateway tells it frames: one request at a time, and what comes meanwhile goes along with the next. */
export class WitnessLink {
  readonly #context: LinkContext
  /** Frames up to this one are there. */
  #last = 0
  /** The newest that it has heard of. */
  #generation = 0
  #failures = 0
  #answers = false
  #waking = Promise.withResolvers<void>()

  constructor(context: LinkContext) {
    this.#context = context
  }

  get answers(): boolean {
    return this.#answers
  }

  /** The last frame that it has; none where it has not heard of the generation. */
  lastOf(generation: number): number | undefined {
    return this.#generation === generation ? this.#last : undefined
  }

  /** There is something to tell. */
  wake(): void {
    this.#waking.resolve()
  }

  /** Runs until the signal ends it. */
  async run(): Promise<void> {
    const { signal, clock, head, framesAfter, witness, path } = this.#context
    signal.addEventListener('abort', () => this.wake(), { once: true })
    while (!signal.aborted) {
      // Before it is looked, so that who wakes it meanwhile is not missed.
      this.#waking = Promise.withResolvers()
      const sent = head()
      const isNew = this.#generation !== sent.generation
      const frames = framesAfter(isNew ? Math.min(this.#last, sent.after) : this.#last)
      if (frames === undefined && !isNew) {
        await this.#waking.promise
        continue
      }
      const text = frames?.text ?? ''
      const outcome = await sendCopies(witness, { path, head: sent, text, signal })
      if (signal.aborted) return
      this.#take(outcome, sent)
      if (this.#failures > 0) await clock.sleep(this.#pauseMs(), signal)
    }
  }

  #take(outcome: SentOutcome, sent: CopyHead): void {
    const { head, onReached, onChanged } = this.#context
    this.#failures = outcome.kind === 'kept' ? 0 : this.#failures + 1
    if (outcome.kind === 'failed') {
      this.#answers = false
      onChanged(outcome.why)
      return
    }
    // Otherwise the numbers were given to other frames while it was under way.
    if (head().generation !== sent.generation) return
    this.#last = outcome.last
    // It has lost what it had, and is sent it again.
    if (outcome.kind === 'gap') return
    this.#answers = true
    this.#generation = sent.generation
    onChanged(undefined)
    onReached()
  }

  #pauseMs(): number {
    return Math.min(retryMsMin * 2 ** (this.#failures - 1), retryMsMax)
  }
}
