import type { Queries } from '../database.ts'
import type { EpochSpan } from './epoch-books.ts'

/** The last receipt of a series, as gateways brought it. */
export type StoredReceipt = {
  /** By its name. */
  chain: string
  /** JSON of its members; whoever reads it checks them. */
  receipt: string
  gatewaySignature: `0x${string}`
  nodeSignature: `0x${string}`
}

/** By session, chain and epoch. */
export async function listReceipts(
  queries: Queries,
  { first, last }: EpochSpan,
): Promise<StoredReceipt[]> {
  const rows = await queries<
    (Pick<StoredReceipt, 'chain' | 'receipt'> & Record<SignatureColumn, Uint8Array>)[]
  >`
    select chain, receipt, gateway_signature, node_signature from relay_receipts
    where epoch between ${first} and ${last} order by session, chain collate "C", epoch`
  return rows.map(({ gateway_signature, node_signature, ...row }) => ({
    ...row,
    gatewaySignature: `0x${new Uint8Array(gateway_signature).toHex()}`,
    nodeSignature: `0x${new Uint8Array(node_signature).toHex()}`,
  }))
}

type SignatureColumn = 'gateway_signature' | 'node_signature'
