import { isBlockGone } from '@mooring/onchain/block-gone'
import { isUnreachable } from '@mooring/onchain/failures'
import { MaybeSent } from '@mooring/onchain/inclusion'
import { type ActingParts, type Outcome, openTurn } from './acting.ts'
import { BillingSilent } from './billing/files.ts'
import type { LeftBehind } from './chain/left-behind.ts'
import type { Chore } from './chore.ts'

/** What a chore did last and waits for, as operators are shown it. */
export type ChoreReport = {
  chore: string
  /** Times are of this process' clock, as ISO 8601 has them. */
  lastAt: string | null
  nextAt: string | null
  /** The last few, the newest first. */
  done: { at: string; what: string; transaction: string }[]
  waits: string[]
  heldUp: string[]
}

const doneMax = 10

type Entry = {
  chore: Chore
  report: ChoreReport
  dueMs: number
  /** Rounds in a row that something stood in the way of. */
  failures: number
}

export type RoundsParts = ActingParts & {
  chores: readonly Chore[]
  leftBehind: LeftBehind
  backoffMsMax: number
}

/** Does chores one after the other, each when its time has come. */
export class Rounds {
  readonly #parts: RoundsParts
  readonly #entries: Entry[]
  #isAnswered = false

  constructor(parts: RoundsParts) {
    this.#parts = parts
    this.#entries = parts.chores.map((chore) => ({
      ...{ chore, dueMs: Number.NEGATIVE_INFINITY, failures: 0 },
      report: {
        ...{ chore: chore.name, lastAt: null, nextAt: null },
        ...{ done: [], waits: [], heldUp: [] },
      },
    }))
  }

  /** Whether the chain has answered when it was asked last. */
  get isAnswered(): boolean {
    return this.#isAnswered
  }

  all(): ChoreReport[] {
    return this.#entries.map(({ report }) => report)
  }

  async round(signal: AbortSignal): Promise<void> {
    for (const entry of this.#entries) {
      if (signal.aborted) return
      if (entry.dueMs > this.#parts.clock.nowMs()) continue
      this.#note(entry, await this.#outcomeOf(entry.chore, signal))
    }
  }

  async #outcomeOf(chore: Chore, signal: AbortSignal): Promise<Outcome> {
    const { events, leftBehind, refusals } = this.#parts
    const { turn, outcome } = openTurn(this.#parts, chore.name, signal)
    try {
      if (await leftBehind.isWaiting()) turn.waitFor('a transaction that was sent before')
      else await chore.round(turn)
      this.#isAnswered = true
      if (outcome.heldUp.length > 0) return outcome
      events.unhindered(chore.name)
      refusals.forget(chore.name)
    } catch (error) {
      if (signal.aborted) return outcome
      if (isUnreachable(error)) {
        this.#isAnswered = false
        turn.holdUp('the node of the chain does not answer')
      } else if (isBlockGone(error)) {
        turn.holdUp('the node has lost a block that it named before')
      } else if (error instanceof BillingSilent) turn.holdUp(error.message)
      else if (error instanceof MaybeSent) {
        events.unsure({ chore: chore.name, transactions: error.hashes })
        turn.waitFor('a transaction that was sent before')
      } else {
        events.broke(chore.name, error)
        outcome.heldUp.push('something broke: see the log')
      }
    }
    return outcome
  }

  #note(entry: Entry, { done, waits, heldUp }: Outcome): void {
    const { clock, events, backoffMsMax } = this.#parts
    const { chore, report } = entry
    if (heldUp.length > 0) events.hindered(chore.name)
    entry.failures = heldUp.length === 0 ? 0 : entry.failures + 1
    const pauseMs = pauseOf(chore.intervalMs, entry.failures, backoffMsMax)
    entry.dueMs = clock.nowMs() + pauseMs
    const at = new Date(clock.wallMs()).toISOString()
    const news = done.toReversed().map((each) => ({ at, ...each }))
    entry.report = {
      chore: chore.name,
      lastAt: at,
      nextAt: new Date(clock.wallMs() + pauseMs).toISOString(),
      done: [...news, ...report.done].slice(0, doneMax),
      ...{ waits, heldUp },
    }
  }
}

/** Doubles with each failure. */
export function pauseOf(intervalMs: number, failures: number, backoffMsMax: number): number {
  return Math.max(intervalMs, Math.min(intervalMs * 2 ** failures, backoffMsMax))
}
