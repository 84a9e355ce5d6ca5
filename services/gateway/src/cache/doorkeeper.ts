/** Keys remembered at most: a power of two. */
const places = 131_072

/**
 * Lets a key in when it comes for the second time within about the last hundred thousand keys. Most answers
 * are never asked for again: to keep each at once would cost its place in memory and push out what is.
 *
 * Each key has one place, which the next key of the same place takes over: a table that never grows, and
 * that no collection of garbage has to look through. Two keys may share a number; then one is let in early,
 * which does no harm.
 */
export class Doorkeeper {
  readonly #numbers = new Int32Array(places)

  admits(key: string): boolean {
    // Zero is what an empty place holds.
    const number = Bun.hash.xxHash32(key) | 0 || 1
    const place = number & (places - 1)
    if (this.#numbers[place] === number) return true
    this.#numbers[place] = number
    return false
  }
}
