/** Share of the fast memory in the rate; the rest is the slow one. */
const fastShare = 0.8
/** About the last 30 attempts. */
const fastStep = 1 / 30
/** About the last 1,000 attempts. */
const slowStep = 1 / 1_000

/** How often an upstream succeeds: quick to notice trouble, slow to forget it. */
export class SuccessRate {
  #fast = 1
  #slow = 1

  /** @param weight - How much the attempt counts: 1 for a consumer's request, less for a probe. */
  record(succeeded: boolean, weight: number): void {
    const value = succeeded ? 1 : 0
    this.#fast += (value - this.#fast) * fastStep * weight
    this.#slow += (value - this.#slow) * slowStep * weight
  }

  get value(): number {
    return fastShare * this.#fast + (1 - fastShare) * this.#slow
  }
}
