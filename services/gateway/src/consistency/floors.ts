import type { Caller } from '../exchange.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'

/** Callers remembered at once; the oldest is forgotten first. */
const floorsMax = 100_000

/** The highest block each caller was shown, below which its view of a chain's head never falls. */
export class Floors {
  readonly #blocks = new Map<string, number>()

  /** The head to show this caller; undefined while the chain's is not known. */
  headFor(caller: Caller, chain: ServedChain): number | undefined {
    const { headBlock } = chain
    if (headBlock === undefined) return undefined
    const floor = this.#blocks.get(keyOf(caller, chain))
    // A chain that started anew leaves floors behind that mean nothing any more.
    return floor !== undefined && chain.isPlausible(floor) ? Math.max(headBlock, floor) : headBlock
  }

  /** @param block - A block the caller is about to see; an implausible one raises nothing. */
  raise(caller: Caller, chain: ServedChain, block: number): void {
    if (!chain.isPlausible(block)) return
    const key = keyOf(caller, chain)
    if ((this.#blocks.get(key) ?? -1) >= block) return
    if (this.#blocks.size >= floorsMax) {
      const oldest = this.#blocks.keys().next().value
      if (oldest !== undefined) this.#blocks.delete(oldest)
    }
    this.#blocks.set(key, block)
  }
}

function keyOf({ bucketKey }: Caller, { name }: ServedChain): string {
  return `${name} ${bucketKey}`
}
