import type { System } from '@mooring/onchain/contracts'
import { isUnreachable } from '@mooring/onchain/failures'

/** Which block no fork undoes any more, as the chain says, or by its depth on a chain that does not. */
export class FinalBlock {
  readonly #reader: Pick<System['reader'], 'getBlock' | 'getBlockNumber'>
  readonly #depthBlocks: bigint
  #knowsFinality = false

  /** @param depthBlocks - Of a final block, where the node knows no finality. */
  constructor({ reader }: Pick<System, 'reader'>, depthBlocks: number) {
    this.#reader = reader
    this.#depthBlocks = BigInt(depthBlocks)
  }

  /** Throws where the node does not say: a chain whose finality stands still has blocks far deeper that may go. */
  async number(): Promise<bigint> {
    try {
      const { number } = await this.#reader.getBlock({ blockTag: 'finalized' })
      this.#knowsFinality = true
      return number
    } catch (error) {
      // A chain without finality refuses the question, each in words of its own; silence is something else.
      if (this.#knowsFinality || isUnreachable(error)) throw error
      return (await this.#reader.getBlockNumber()) - this.#depthBlocks
    }
  }
}
