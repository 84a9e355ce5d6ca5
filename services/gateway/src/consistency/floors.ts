import { type Caller, chainKeyOf } from '../exchange.ts'
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
    const floor = this.#blocks.get(chainKeyOf(caller, chain))
    return floor !== undefined && floor > headBlock && chain.isPlausible(floor) ? floor : headBlock
  }

  /** A block that turned out not to be one. */
  forget(caller: Caller, chain: ServedChain): void {
    this.#blocks.delete(chainKeyOf(caller, chain))
  }

  /** @param block - A block the caller is about to see; an implausible one raises nothing. */
  raise(caller: Caller, chain: ServedChain, block: number): void {
    if (!chain.isPlausible(block)) return
    const key = chainKeyOf(caller, chain)
    if ((this.#blocks.get(key) ?? -1) >= block) return
    if (this.#blocks.size >= floorsMax) {
      const oldest = this.#blocks.keys().next().value
      if (oldest !== undefined) this.#blocks.delete(oldest)
    }
    this.#blocks.set(key, block)
  }
}
