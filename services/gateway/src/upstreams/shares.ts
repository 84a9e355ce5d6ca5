/** Picks remembered, about: at twice this many, all counts are halved. */
const memory = 1_024
/** Below this many picks a share says nothing. */
const enough = 64

/** Who got which part of a chain's recent relays. */
export class Shares {
  readonly #counts = new Map<string, number>()
  #total = 0

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
    if (++this.#total >= 2 * memory) this.#halve()
  }

  /** 0..1; 0 while too little was seen to judge. */
  of(name: string): number {
    return this.#total < enough ? 0 : (this.#counts.get(name) ?? 0) / this.#total
  }

  #halve(): void {
    this.#total = 0
    for (const [name, count] of this.#counts) {
      const rest = count >> 1
      this.#total += rest
      this.#counts.set(name, rest)
    }
  }
}
