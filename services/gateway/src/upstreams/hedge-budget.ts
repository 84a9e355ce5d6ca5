/** Extra relays that each request earns the chain it is for. */
const earnedPerRequest = 0.2
const savedMax = 100

/**
 * How many requests may be raced. When all nodes of a chain slow down together, racing each request would
 * double their work at the worst moment.
 */
export class HedgeBudget {
  #saved = savedMax

  earn(): void {
    this.#saved = Math.min(savedMax, this.#saved + earnedPerRequest)
  }

  /** @returns Whether one more request may be raced. */
  take(): boolean {
    if (this.#saved < 1) return false
    this.#saved--
    return true
  }
}
