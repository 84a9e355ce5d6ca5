import type { Receipt } from '@mooring/protocol/relays/receipts'
import type { ReceiptRefusal } from '@mooring/protocol/relays/sessions'

/** What the receipt before leaves for the next one to go on from. */
export type ReceiptSums = Pick<Receipt, 'number' | 'relaysSum' | 'creditsSum' | 'accumulator'>

export const noReceipts: ReceiptSums = {
  number: 0n,
  relaysSum: 0n,
  creditsSum: 0n,
  accumulator: `0x${'00'.repeat(32)}`,
}

/** Why a receipt does not go on from the one before; undefined where it does. Its roots are looked at elsewhere. */
export function breakInSums(before: ReceiptSums, receipt: Receipt): ReceiptRefusal | undefined {
  if (receipt.number !== before.number + 1n) return 'wrong-number'
  const isSummed =
    receipt.relaysSum === before.relaysSum + receipt.relays &&
    receipt.creditsSum === before.creditsSum + receipt.credits
  return isSummed ? undefined : 'wrong-sums'
}
