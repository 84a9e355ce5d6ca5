/**
 * Hands out the nonces of one account in order.
 *
 * The chain decides which nonce is next; this remembers what was handed out and not yet seen there. A nonce whose
 * transaction never reached a node is given back and handed out again, so that no gap holds up those after it.
 */
export type Nonces = {
  /** The next nonce, and what became of the transaction that was to use it. */
  take(): Promise<NonceLease>
}

export type NonceLease = {
  readonly nonce: number
  /** Nobody waits for its transaction any more: it is in a block, or what the chain says of it is believed. */
  settled(): void
  /** It was not sent, or the node refused it. */
  giveBack(): void
}

/** @param readNext - Transactions the chain has seen of the account, those that wait included. */
export function createNonces(readNext: () => Promise<number>): Nonces {
  let next: number | undefined
  let returned: number[] = []
  /** Handed out, and neither in a block nor given back. */
  let open = 0
  let last: Promise<unknown> = Promise.resolve()

  async function take(): Promise<NonceLease> {
    const onChain = await readNext()
    // Something else sends from this account, or a fork undid what was sent: the chain is right.
    if (next === undefined || onChain > next || open === 0) {
      next = onChain
      returned = []
    }
    returned = returned.filter((nonce) => nonce >= onChain).sort((one, other) => one - other)
    const nonce = returned.shift() ?? next++
    open++
    let isOpen = true
    const close = () => {
      if (isOpen) open--
      isOpen = false
    }
    return {
      nonce,
      settled: close,
      giveBack: () => {
        if (isOpen) returned.push(nonce)
        close()
      },
    }
  }

  return {
    take: () => {
      // One after the other: two that read the chain at once would both be told the same.
      const turn = last.then(take)
      last = turn.catch(() => undefined)
      return turn
    },
  }
}
