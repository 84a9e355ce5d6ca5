import { join } from 'node:path'
import type { ReadEpochFile } from '@mooring/market/settlement/epoch-file'
import { ReceiptBook } from '@mooring/receipts/receipt-book'
import { stringToHex } from 'viem'
import type { Line } from './audit.ts'
import type { Stage } from './story.ts'

/**
 * That every receipt which somebody is paid by stands in the book of its node as well: the same one, or a later one of its
 * series where a gateway was killed before it had told.
 */
export async function receiptLine(
  { world }: Stage,
  files: readonly ReadEpochFile[],
): Promise<Line> {
  const receipts = files.flatMap(({ data }) => data.receipts)
  let found = 0n
  for (const { nodeId, agent } of world.providers) {
    const book = new ReceiptBook(join(agent.process.directory, 'receipts.sqlite'))
    for (const receipt of receipts.filter((each) => each.nodeId === nodeId)) {
      const { session, chain, epoch, number, nodeSignature } = receipt
      const own = book.lastOf({ session, chain: stringToHex(chain, { size: 32 }), epoch })
      if (own === undefined || own.receipt.number < number) continue
      const isSame = own.receipt.number > number || own.nodeSignature === nodeSignature
      if (isSame) found++
    }
    await book.close()
  }
  return {
    what: 'receipts of all epochs = those that nodes have too',
    ...{ expected: BigInt(receipts.length), found },
  }
}
