import type { Hex, Keccak } from '@mooring/market/settlement/bytes'
import { FieldProblem } from '@mooring/market/settlement/data-fields'
import type { EpochData, Tariff } from '@mooring/market/settlement/epoch-data'
import { epochFileLimits, signedReceiptField } from '@mooring/market/settlement/epoch-file'
import {
  problemsOfReceipt,
  receiptDigests,
  type SignedReceipt,
} from '@mooring/market/settlement/receipts'
import { recoverSigner } from '@mooring/onchain/digest-signer'
import type { StoredReceipt } from '@mooring/store/ledger/relay-receipts'

/** Why a receipt is not in the file. A gateway brought it, so each is a mistake of somebody's. */
export type LeftOut = 'malformed' | 'signature' | 'gateway' | 'node' | 'tariff' | 'series'

/** @param nodeKey - The key that signed for the node. */
export type RecoveredReceipt = { receipt: SignedReceipt; nodeKey: Hex }

/** So often the event loop gets its turn: posts of gateways have to be answered meanwhile. */
const receiptsEach = 50

/** Reads receipts, and who has signed them. What cannot be read, or was not signed by its gateway, is told by `leave`. */
export async function recoverReceipts(
  stored: readonly StoredReceipt[],
  deployment: EpochData['deployment'],
  { keccak, leave }: { keccak: Keccak; leave: (why: LeftOut) => void },
): Promise<RecoveredReceipt[]> {
  const digestOf = receiptDigests(deployment, keccak)
  const recovered: RecoveredReceipt[] = []
  for (const [at, row] of stored.entries()) {
    if (at % receiptsEach === 0) await new Promise(setImmediate)
    const receipt = readReceipt(row)
    if (receipt === undefined || problemsOfReceipt(receipt).length > 0) {
      leave('malformed')
      continue
    }
    const digest = digestOf(receipt)
    const nodeKey = recoverSigner(digest, receipt.nodeSignature)
    const gateway = recoverSigner(digest, receipt.gatewaySignature)
    if (nodeKey === undefined || gateway !== receipt.gateway) leave('signature')
    else recovered.push({ receipt, nodeKey })
  }
  return recovered
}

/** Gateways and nodes name a chain by 32 bytes, files by its name. */
function readReceipt({ receipt, ...named }: StoredReceipt): SignedReceipt | undefined {
  try {
    return signedReceiptField({ ...JSON.parse(receipt), ...named })
  } catch (error) {
    if (error instanceof FieldProblem || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What the chain and the books say that receipts have to agree with. */
export type ReceiptFacts = {
  gateways: ReadonlySet<Hex>
  keyOwners: ReadonlyMap<Hex, bigint>
  tariffs: readonly Tariff[]
  /** `node chain` of each row of performance. */
  rows: ReadonlySet<string>
}

/** The receipts that fit, in their order, and the keys that nodes signed them with. */
export function fitReceipts(
  recovered: readonly RecoveredReceipt[],
  facts: ReceiptFacts,
  leave: (why: LeftOut) => void,
): { receipts: SignedReceipt[]; keys: Map<bigint, Set<Hex>> } {
  const receipts: SignedReceipt[] = []
  const keys = new Map<bigint, Set<Hex>>()
  const sessions = new Map<Hex, string>()
  for (const one of recovered) {
    const { receipt, nodeKey } = one
    const { session, nodeId, gateway } = receipt
    const own = keys.get(nodeId) ?? new Set()
    const parties = `${nodeId} ${gateway}`
    // One more key is that of the registry, which is in the list anyhow.
    const isOneMore = !own.has(nodeKey) && own.size >= epochFileLimits.keysOfNode - 1
    const why = isOneMore ? 'node' : misfitOf(one, facts)
    if (why !== undefined) leave(why)
    else if ((sessions.get(session) ?? parties) !== parties) leave('series')
    else {
      sessions.set(session, parties)
      keys.set(nodeId, own.add(nodeKey))
      receipts.push(receipt)
    }
  }
  return { receipts, keys }
}

function misfitOf(
  { receipt, nodeKey }: RecoveredReceipt,
  { gateways, keyOwners, tariffs, rows }: ReceiptFacts,
): LeftOut | undefined {
  const { gateway, nodeId, chain, epoch, tariff } = receipt
  if (!gateways.has(gateway)) return 'gateway'
  if (keyOwners.get(nodeKey) !== nodeId || !rows.has(`${nodeId} ${chain}`)) return 'node'
  const inForce = tariffs.findLast(({ fromEpoch }) => fromEpoch <= epoch)
  return tariff === inForce?.hash ? undefined : 'tariff'
}
