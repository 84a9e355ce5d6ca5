import type { Receipt } from '@mooring/protocol/relays/receipts'
import { timeOf } from '../columns.ts'
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

/** A receipt that both have signed, to be kept. */
export type NewReceipt = StoredReceipt &
  Pick<Receipt, 'session' | 'nodeId' | 'epoch' | 'number'> & { chain: string }

/**
 * Keeps the last receipt of each series: an older one than there is changes nothing.
 *
 * @param receipts - None of an epoch that is closed; see `lockOpenEpoch`.
 */
export async function saveReceipts(
  queries: Queries,
  receipts: readonly NewReceipt[],
  nowMs: number,
): Promise<void> {
  // In one order for everybody.
  const rows = receipts
    .map((receipt) => ({ receipt, place: `${receipt.epoch} ${receipt.session} ${receipt.chain}` }))
    .sort((one, other) => (one.place < other.place ? -1 : 1))
  for (const { receipt: one } of rows) {
    const bytes = (hex: string) => Buffer.from(hex.slice(2), 'hex')
    await queries`
      insert into relay_receipts (epoch, session, chain, number, node_id, receipt, gateway_signature, node_signature, received_at)
      values (${one.epoch}, ${bytes(one.session)}, ${one.chain}, ${one.number}, ${one.nodeId}, ${one.receipt},
        ${bytes(one.gatewaySignature)}, ${bytes(one.nodeSignature)}, ${timeOf(nowMs)})
      on conflict (epoch, session, chain) do update
        set number = excluded.number, receipt = excluded.receipt, gateway_signature = excluded.gateway_signature,
          node_signature = excluded.node_signature, received_at = excluded.received_at
        where relay_receipts.number < excluded.number and relay_receipts.node_id = excluded.node_id`
  }
}
