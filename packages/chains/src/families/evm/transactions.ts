import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { policyOf } from './methods.ts'
import { rlpItemAt } from './rlp.ts'

/**
 * Hash that names a signed transaction before it is sent.
 *
 * @returns `0x…`, or undefined when the request sends no raw transaction, or one of a type whose hash
 *   is made in another way or is not known to be the plain one.
 * @see EIP-2718, EIP-4844 (section "Networking")
 */
export function transactionHashOf({ method, params }: RpcRequest): string | undefined {
  if (!policyOf(method).idempotent || !Array.isArray(params)) return undefined
  const bytes = bytesOf(params[0])
  const signed = bytes && signedBytesOf(bytes)
  return signed && `0x${bytesToHex(keccak_256(signed))}`
}

/**
 * The address that a signed transaction is sent to, as 0x and 40 lower-case digits.
 *
 * @returns Undefined for one that makes a contract, or is of a type whose fields are not known here.
 * @see EIP-2930, EIP-1559, EIP-4844, EIP-7702
 */
export function targetOf(raw: unknown): string | undefined {
  const bytes = bytesOf(raw)
  const signed = bytes && signedBytesOf(bytes)
  if (signed === undefined) return undefined
  const [type = 0] = signed
  const index = type >= legacyFrom ? legacyTargetIndex : targetIndexes.get(type)
  const list = rlpItemAt(signed, type >= legacyFrom ? 0 : 1)
  if (index === undefined || !list?.isList || list.end !== signed.length) return undefined
  let item = rlpItemAt(signed, list.start)
  for (let at = 0; at < index && item !== undefined; at++) item = rlpItemAt(signed, item.end)
  if (item === undefined || item.isList || item.end > list.end) return undefined
  const target = signed.subarray(item.start, item.end)
  return target.length === 20 ? `0x${bytesToHex(target)}` : undefined
}

/** Where the fields of each type hold the address. */
const legacyTargetIndex = 3
const targetIndexes: ReadonlyMap<number, number> = new Map([
  [0x01, 4],
  [0x02, 5],
  [0x03, 5],
  [0x04, 5],
])

function bytesOf(raw: unknown): Uint8Array | undefined {
  const isHex = typeof raw === 'string' && raw.length % 2 === 0 && /^0x[0-9a-f]+$/i.test(raw)
  return isHex ? hexToBytes(raw.slice(2)) : undefined
}

/** First byte of a legacy transaction is that of an RLP list; of the others it is their type. */
const legacyFrom = 0xc0
const blobType = 0x03

/**
 * Types hashed as they stand: access list (1), dynamic fee (2), set code (4), and Celo's fee currency
 * ones (0x7b, 0x7c). ZKsync's own (0x71) is not: its hash leaves the signature's envelope out.
 */
const plainTypes: ReadonlySet<number> = new Set([0x01, 0x02, 0x04, 0x7b, 0x7c])

function signedBytesOf(transaction: Uint8Array): Uint8Array | undefined {
  const [type = 0] = transaction
  if (type === blobType) return signedBlobBytesOf(transaction)
  if (plainTypes.has(type)) return transaction
  const list = type >= legacyFrom ? rlpItemAt(transaction, 0) : undefined
  return list?.end === transaction.length ? transaction : undefined
}

/** On its way to a node a blob transaction is wrapped with its blobs, which its hash does not cover. */
function signedBlobBytesOf(transaction: Uint8Array): Uint8Array | undefined {
  const outer = rlpItemAt(transaction, 1)
  if (!outer?.isList || outer.end !== transaction.length) return undefined
  const first = rlpItemAt(transaction, outer.start)
  if (first === undefined) return undefined
  // Unwrapped, the first item is the chain id; wrapped, it is the list of the transaction's fields.
  if (!first.isList) return transaction
  return concatBytes(Uint8Array.of(blobType), transaction.subarray(outer.start, first.end))
}
