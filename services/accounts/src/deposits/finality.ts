import type { DepositFinding } from '@mooring/store/deposits'

/**
 * What checks have told of the chain's finality: no block above one that is not final is final either. So of all deposits
 * that wait for it only the lowest is asked about, until finality goes on.
 */
export class Finality {
  #finalBlock = -1
  #unfinalBlock: number | undefined

  /** The lowest block that was not final when finality was seen to go on last; undefined where none is known. */
  get unfinalBlock(): number | undefined {
    return this.#unfinalBlock
  }

  observe({ state, blockNumber }: Pick<DepositFinding, 'state' | 'blockNumber'>): void {
    if (blockNumber === null) return
    if (state === 'final' && blockNumber > this.#finalBlock) {
      this.#finalBlock = blockNumber
      // It may have gone further than that.
      this.#unfinalBlock = undefined
    }
    if (state === 'attested-capped') {
      this.#unfinalBlock = Math.min(this.#unfinalBlock ?? blockNumber, blockNumber)
    }
  }
}
