/** How fast a change is believed: about two thirds after so long. */
const smoothingMs = 5_000
/** Shorter spells say little of a rate. */
const spellMsMin = 1_000

/** What is spent at present, smoothed. */
export class SpendRate {
  /** Since it was observed last. */
  spent = 0
  #perMs = 0
  #observedMs: number

  constructor(nowMs: number) {
    this.#observedMs = nowMs
  }

  get perMs(): number {
    return this.#perMs
  }

  observe(nowMs: number): void {
    const spellMs = nowMs - this.#observedMs
    if (spellMs < spellMsMin) {
      // What is spent faster than before is believed at once: to hold too little makes requests wait.
      this.#perMs = Math.max(this.#perMs, this.spent / spellMsMin)
      return
    }
    const weight = 1 - Math.exp(-spellMs / smoothingMs)
    this.#perMs += weight * (this.spent / spellMs - this.#perMs)
    this.spent = 0
    this.#observedMs = nowMs
  }
}
