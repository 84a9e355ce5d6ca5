import type { StandingRoot } from '@mooring/onchain/charge-roots'
import type { System } from '@mooring/onchain/contracts'
import type { Hash } from 'viem'

export type BlockName = { number: bigint; hash: Hash }

/** More than anybody looks back for. */
const rootsMax = 256

/**
 * Roots of one escrow that had nothing left to apply, and the block in which that was so. A block that a fork undid says
 * nothing any more. Kept to save the reading of long files: whoever forgets it reads them again.
 */
export class AppliedRoots {
  readonly #system: System
  readonly #blocks = new Map<string, BlockName>()

  constructor(system: System) {
    this.#system = system
  }

  /** @param block - What was read of by its number. When a fork came meanwhile, nothing is known. */
  async note(root: StandingRoot, block: BlockName): Promise<void> {
    if ((await this.#hashOf(block.number)) !== block.hash) return
    this.#blocks.set(keyOf(root), block)
    const [oldest] = this.#blocks.keys()
    if (this.#blocks.size > rootsMax && oldest !== undefined) this.#blocks.delete(oldest)
  }

  async has(root: StandingRoot): Promise<boolean> {
    const block = this.#blocks.get(keyOf(root))
    if (block === undefined) return false
    const found = await this.#hashOf(block.number)
    if (found === block.hash) return true
    this.#blocks.delete(keyOf(root))
    return false
  }

  /** Undefined where the chain has become shorter. */
  async #hashOf(blockNumber: bigint): Promise<Hash | undefined> {
    try {
      return (await this.#system.reader.getBlock({ blockNumber })).hash
    } catch (error) {
      if (error instanceof Error && error.name === 'BlockNotFoundError') return undefined
      throw error
    }
  }
}

function keyOf({ rootId, root, dataHash }: StandingRoot): string {
  return `${rootId} ${root} ${dataHash}`
}
