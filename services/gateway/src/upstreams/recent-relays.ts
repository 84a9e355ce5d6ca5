/** Minutes that count as recent. */
const minutes = 5
const minuteMs = 60_000

/** Relays of the last minutes, counted by the minute. */
export class RecentRelays {
  readonly #clock: { nowMs(): number }
  readonly #counts = new Array<number>(minutes).fill(0)
  #minute = 0

  constructor(clock: { nowMs(): number }) {
    this.#clock = clock
  }

  add(): void {
    const slot = this.#turn() % minutes
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
  }

  get count(): number {
    this.#turn()
    return this.#counts.reduce((sum, each) => sum + each, 0)
  }

  /** Forgets the minutes that have passed out of sight. */
  #turn(): number {
    const minute = Math.floor(this.#clock.nowMs() / minuteMs)
    const passed = Math.min(minutes, minute - this.#minute)
    for (let step = 1; step <= passed; step++) this.#counts[(minute - passed + step) % minutes] = 0
    this.#minute = minute
    return minute
  }
}
