import { least } from '@mooring/market/economy/money/mul-div'
import type { Reader, Wallet } from '@mooring/onchain/clients'
import { broadcast } from '@mooring/onchain/inclusion'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'

const gasOfNothing = 21_000n
const feeFactorMin = 2n

export type LeftBehindParts = {
  reader: Reader
  wallet: Wallet
  clock: Clock
  events: Events
  patienceMs: number
  costWeiMax: bigint
}

/**
 * Sees to transactions of this account that nobody has included yet: of a process that was ended, or that were given up.
 * What is sent behind one of them waits with it, and may be the same again. So nothing is sent meanwhile, and one that
 * takes too long is replaced by an empty one, whose fee grows until it is taken.
 */
export class LeftBehind {
  readonly #parts: LeftBehindParts
  #waiting: { nonce: number; sinceMs: number; feeFactor: bigint } | undefined

  constructor(parts: LeftBehindParts) {
    this.#parts = parts
  }

  /** @returns Whether something is still on its way. */
  async isWaiting(): Promise<boolean> {
    const { reader, wallet, clock, patienceMs } = this.#parts
    const { address } = wallet.account
    const [nonce, pending] = await Promise.all([
      reader.getTransactionCount({ address, blockTag: 'latest' }),
      reader.getTransactionCount({ address, blockTag: 'pending' }),
    ])
    if (pending <= nonce) {
      this.#waiting = undefined
      return false
    }
    if (this.#waiting?.nonce !== nonce) {
      this.#waiting = { nonce, sinceMs: clock.nowMs(), feeFactor: feeFactorMin }
    }
    const { sinceMs, feeFactor } = this.#waiting
    if (clock.nowMs() - sinceMs < patienceMs) return true
    await this.#replace(nonce, feeFactor)
    this.#waiting = { nonce, sinceMs: clock.nowMs(), feeFactor: feeFactor * feeFactorMin }
    return true
  }

  async #replace(nonce: number, feeFactor: bigint): Promise<void> {
    const { reader, wallet, events, costWeiMax } = this.#parts
    const now = await reader.estimateFeesPerGas()
    const feeMax = costWeiMax / gasOfNothing
    const maxFeePerGas = least(now.maxFeePerGas * feeFactor, feeMax)
    const maxPriorityFeePerGas = least((now.maxPriorityFeePerGas + 1n) * feeFactor, maxFeePerGas)
    const { hash, refusal } = await broadcast(this.#parts, {
      ...{ to: wallet.account.address, data: '0x', nonce, gas: gasOfNothing },
      ...{ maxFeePerGas, maxPriorityFeePerGas },
    })
    // Refused where the one before offers more, or is in a block by now: the next look tells.
    if (refusal === undefined) events.leftBehindReplaced({ nonce, transaction: hash })
  }
}
