import type { AccessChange } from '@mooring/protocol/access/key-record'
import type { Clock } from '@mooring/telemetry/clock'
import type { Fetched } from './fetch-json.ts'
import { parseChanges } from './wire.ts'

/** How long the accounts service may keep a question for changes open: it is asked anew that often. */
export const changesWaitMs = 8_000
/** What is older and was not heard to hold by then must be looked up again. */
export const silenceMsMax = 60_000
/** Pause after an answer that was none. */
const pauseMs = 500
/** A service that does not wait must not be asked all the time. */
const restMs = 50
type Context = {
  clock: Clock
  signal: AbortSignal
  /** Asks what has changed after a cursor; without one, for the cursor of now. */
  fetchAfter: (cursor: string | undefined) => Promise<Fetched>
  forget: (change: AccessChange) => void
  forgetAll: () => void
  /** It answers again after it did not. */
  isBack: () => void
}

/**
 * Hears from the accounts service what has changed of keys and accounts, by long poll: within one answer while it can
 * be reached. The question is asked again after `changesWaitMs` at the latest, so what a broken connection has kept
 * back comes within 10 s; and after `silenceMsMax` without a word what is known of projects' keys counts no more.
 */
export class Changes {
  readonly #context: Context
  #heardMs: number
  #hasFailed = false

  constructor(context: Context) {
    this.#context = context
    this.#heardMs = context.clock.nowMs()
  }

  /** Whether the accounts service did not answer when it was asked last. */
  get isAway(): boolean {
    return this.#hasFailed
  }

  /** Until when, by the clock that never steps back, what was looked up before may be believed. */
  isStale(checkedMs: number): boolean {
    const nowMs = this.#context.clock.nowMs()
    return nowMs - this.#heardMs > silenceMsMax && nowMs - checkedMs > silenceMsMax
  }

  async follow(): Promise<void> {
    const { clock, signal, fetchAfter, forget, forgetAll, isBack } = this.#context
    let cursor: string | undefined
    while (!signal.aborted) {
      const fetched = await fetchAfter(cursor)
      const news = fetched.kind === 'answer' ? parseChanges(fetched.value) : undefined
      if (news === undefined) {
        this.#hasFailed = true
        await clock.sleep(pauseMs, signal)
        continue
      }
      if (news.reset) forgetAll()
      for (const change of news.changes) forget(change)
      // What was looked up before the first word is not covered by the cursor that came with it.
      if (cursor === undefined) forgetAll()
      cursor = news.cursor
      if (this.#hasFailed) isBack()
      this.#hasFailed = false
      this.#heardMs = clock.nowMs()
      await clock.sleep(restMs, signal)
    }
  }
}
