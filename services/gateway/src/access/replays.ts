import { MarketError } from '@mooring/protocol/market-error'
import type { Clock } from '@mooring/telemetry/clock'
import { leewaySeconds } from './keyset.ts'

/** A proof is good for so long at most: from as far ahead as clocks may differ to as far behind. */
const keptMs = (2 * leewaySeconds + 1) * 1_000
/** Some 100 bytes each. */
const entriesMax = 1_000_000

/** What may be used once, for as long as it could be used again. */
export class Replays {
  readonly #clock: Clock
  readonly #max: number
  #older = new Set<string>()
  #newer = new Set<string>()
  #turnedMs: number

  constructor(clock: Clock, max: number = entriesMax) {
    this.#clock = clock
    this.#max = max
    this.#turnedMs = clock.nowMs()
  }

  /**
   * @returns False for what was used before.
   * @throws MarketError OVERLOADED when no more can be remembered: to forget would be to let it be used again.
   */
  use(name: string): boolean {
    this.#turn()
    if (this.#newer.has(name) || this.#older.has(name)) return false
    if (this.#newer.size + this.#older.size >= this.#max) {
      const message = 'more proofs are sent than can be remembered: send it again after a pause'
      throw new MarketError('OVERLOADED', message, { details: { retryAfterMs: keptMs } })
    }
    this.#newer.add(name)
    return true
  }

  /** Whole sets are forgotten, each when the last of it is too old to be used. */
  #turn(): void {
    const nowMs = this.#clock.nowMs()
    const sinceMs = nowMs - this.#turnedMs
    if (sinceMs < keptMs) return
    this.#older = sinceMs < 2 * keptMs ? this.#newer : new Set()
    this.#newer = new Set()
    this.#turnedMs = nowMs
  }
}
