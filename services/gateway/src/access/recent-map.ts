/** A map that holds so many entries at most: the one that was set first goes first. */
export class RecentMap<K, V> {
  readonly #entries = new Map<K, V>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  /** @returns What is not held any more for it: the one it replaces, or the oldest where there was no room. */
  set(key: K, value: V): V | undefined {
    let dropped = this.#entries.get(key)
    // Set anew, it is the newest.
    this.#entries.delete(key)
    if (this.#entries.size >= this.#max) {
      const oldest = this.#entries.entries().next()
      if (oldest.done !== true) {
        dropped = oldest.value[1]
        this.#entries.delete(oldest.value[0])
      }
    }
    this.#entries.set(key, value)
    return dropped
  }

  delete(key: K): void {
    this.#entries.delete(key)
  }

  values(): IterableIterator<V> {
    return this.#entries.values()
  }

  clear(): void {
    this.#entries.clear()
  }
}
