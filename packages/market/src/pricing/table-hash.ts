import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson } from './canonical-json.ts'
import type { PriceTable } from './price-table.ts'

/** keccak256 of a table's canonical JSON, as the chain names it: `0x` and 64 lower-case digits. */
export type TableHash = `0x${string}`

export function tableHashOf(table: PriceTable): TableHash {
  return `0x${bytesToHex(keccak_256(utf8ToBytes(canonicalJson(table))))}`
}
