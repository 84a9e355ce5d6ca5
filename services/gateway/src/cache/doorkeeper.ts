/** Keys remembered in each of two generations, the younger of which becomes the older when it is full. */
const keysMax = 65_536

/**
 * Lets a key in when it comes for the second time within about the last hundred thousand keys. Most answers
 * are never asked for again: to keep each at once would cost its place in memory and push out what is.
 *
 * Two keys may share a number; then one is let in early, which does no harm.
 */
export class Doorkeeper {
  #young = new Set<number>()
  #old = new Set<number>()

  admits(key: string): boolean {
    const number = Bun.hash.xxHash32(key)
    if (this.#young.has(number) || this.#old.has(number)) return true
    if (this.#young.size >= keysMax) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(number)
    return false
  }
}
