import type { Keccak } from '@mooring/market/settlement/bytes'
import type { EpochData } from '@mooring/market/settlement/epoch-data'
import type { Difference } from '@mooring/market/settlement/inconsistencies'
import { receiptDigests } from '@mooring/market/settlement/receipts'
import { recoverSigner } from './digest-signer.ts'

export type SignatureCheck = {
  keccak: Keccak
  /** Told now and then how many receipts were looked at. */
  onChecked?: ((count: number) => void) | undefined
}

/** So often the event loop gets its turn, and somebody may be told. */
const receiptsEach = 100

/** The signatures of an epoch's receipts that are not those of their gateway, or of a key of their node. */
export async function wrongSignatures(
  { deployment, nodes, receipts }: Pick<EpochData, 'deployment' | 'nodes' | 'receipts'>,
  { keccak, onChecked }: SignatureCheck,
): Promise<Difference[]> {
  const digestOf = receiptDigests(deployment, keccak)
  const keysOf = new Map(nodes.map(({ nodeId, keys }) => [nodeId, keys]))
  const wrong: Difference[] = []
  for (const [at, receipt] of receipts.entries()) {
    const digest = digestOf(receipt)
    const { gateway, nodeId, gatewaySignature, nodeSignature } = receipt
    const expected = [
      ['gatewaySignature', gatewaySignature, [gateway], `gateway ${gateway}`],
      ['nodeSignature', nodeSignature, keysOf.get(nodeId) ?? [], `a key of node ${nodeId}`],
    ] as const
    for (const [member, signature, keys, whose] of expected) {
      const signer = recoverSigner(digest, signature)
      if (signer !== undefined && keys.includes(signer)) continue
      const found = signer === undefined ? 'no signature at all' : `one by ${signer}`
      wrong.push({ path: `data.receipts[${at}].${member}`, expected: `one by ${whose}`, found })
    }
    if ((at + 1) % receiptsEach !== 0) continue
    onChecked?.(at + 1)
    await new Promise(setImmediate)
  }
  return wrong
}
