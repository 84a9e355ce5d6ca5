import type { BlockHeader, NamedBlock } from '@mooring/chains/family'

/**
 * The blocks near the head of one chain by number and hash: the one fork that providers agree on. What is
 * in here is linked by parents without a gap, from the first block to the head.
 */
export class CanonicalWindow {
  readonly #blocksMax: number
  readonly #hashes = new Map<number, string>()
  readonly #numbers = new Map<string, number>()
  #first: BlockHeader | undefined
  #headBlock: number | undefined

  /** @param blocksMax - Most blocks kept; the lowest go first. */
  constructor(blocksMax: number) {
    this.#blocksMax = blocksMax
  }

  get size(): number {
    return this.#hashes.size
  }

  get headBlock(): number | undefined {
    return this.#headBlock
  }

  /** The lowest block. */
  get first(): BlockHeader | undefined {
    return this.#first
  }

  hashOf(number: number): string | undefined {
    return this.#hashes.get(number)
  }

  numberOf(hash: string): number | undefined {
    return this.#numbers.get(hash)
  }

  /** Whether the block can follow what is in here, or replace a part of it. */
  takes({ number, parentHash }: BlockHeader): boolean {
    return this.#hashes.get(number - 1) === parentHash
  }

  /**
   * Takes the canonical blocks from somewhere in here up to the head; whatever stood above or in their
   * places goes. Where they do not join on, all that was in here goes.
   *
   * @param headers - Ascending, each the parent of the next; at least one.
   * @returns The blocks that are canonical no more.
   */
  join(headers: readonly BlockHeader[]): NamedBlock[] {
    const [lowest] = headers
    if (lowest === undefined) return []
    const keepsBelow = this.takes(lowest) ? lowest.number : Number.NEGATIVE_INFINITY
    const kept = new Set(headers.map(({ hash }) => hash))
    const replaced: NamedBlock[] = []
    for (const [number, hash] of this.#hashes) {
      if (number < keepsBelow) continue
      this.#remove(number, hash)
      if (!kept.has(hash)) replaced.push({ number, hash })
    }
    if (this.#hashes.size === 0) this.#first = lowest
    for (const { number, hash } of headers) this.#put(number, hash)
    this.#headBlock = headers.at(-1)?.number
    this.#trim()
    return replaced
  }

  /** Takes the parent of the first block. */
  prepend(header: BlockHeader): void {
    if (this.#first?.parentHash !== header.hash || this.#first.number !== header.number + 1) return
    if (this.#hashes.size >= this.#blocksMax) return
    this.#put(header.number, header.hash)
    this.#first = header
  }

  clear(): void {
    this.#hashes.clear()
    this.#numbers.clear()
    this.#first = undefined
    this.#headBlock = undefined
  }

  #put(number: number, hash: string): void {
    this.#hashes.set(number, hash)
    this.#numbers.set(hash, number)
  }

  #remove(number: number, hash: string): void {
    this.#hashes.delete(number)
    this.#numbers.delete(hash)
  }

  #trim(): void {
    const head = this.#headBlock
    if (head === undefined || this.#first === undefined) return
    let lowest = this.#first.number
    let below = this.#first.hash
    for (; head - lowest >= this.#blocksMax; lowest++) {
      below = this.#hashes.get(lowest) ?? below
      this.#remove(lowest, below)
    }
    const hash = this.#hashes.get(lowest)
    if (lowest === this.#first.number || hash === undefined) return
    this.#first = { number: lowest, hash, parentHash: below }
  }
}
