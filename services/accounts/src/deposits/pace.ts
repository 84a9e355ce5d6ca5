/** How many deposits may be checked in one round, and from when on. It changes with what verifiers say. */
export class Pace {
  readonly #countMost: number
  #countMax: number
  #pausedUntilMs = Number.NEGATIVE_INFINITY

  constructor(countMost: number) {
    this.#countMost = countMost
    this.#countMax = countMost
  }

  /** 0 while verifiers want a pause. */
  countMaxAt(nowMs: number): number {
    return nowMs < this.#pausedUntilMs ? 0 : this.#countMax
  }

  /** A round was too much for the verifiers: half as many from now on, and none before they said. */
  slowDown(pausedUntilMs: number): void {
    this.#countMax = Math.max(1, Math.floor(this.#countMax / 2))
    this.#pausedUntilMs = pausedUntilMs
  }

  /** A full round was not too much: one more from now on. */
  speedUp(): void {
    this.#countMax = Math.min(this.#countMost, this.#countMax + 1)
  }
}
