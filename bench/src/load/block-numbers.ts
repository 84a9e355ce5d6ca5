/**
 * Block numbers that no request has asked for yet, so that no answer can come from a cache or be shared.
 * All have seven hex digits: bodies and answers keep their length, and an upstream can write the number
 * over a prepared answer.
 */
export class BlockNumbers {
  #next = firstBlock

  /** @returns The first of `count` numbers that are spoken for now. */
  take(count: number): number {
    const first = this.#next
    if (first + count > lastBlock) throw new Error('all block numbers are used up')
    this.#next += count
    return first
  }
}

const firstBlock = 0x1000001
/** The head of the static upstream, far above every block that is asked for. */
export const headBlock = 0xfffffff
const lastBlock = headBlock - 0x100000
