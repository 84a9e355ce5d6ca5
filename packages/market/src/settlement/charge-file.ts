import type { Seconds } from '@mooring/protocol/units'
import { type Hex, hashText, type Keccak, toHex } from './bytes.ts'
import { assertCanonical, encode, parsedAs, textOf } from './canonical-file.ts'
import { hex, integer, list, oneOf, orNull, record, uint64, uint128 } from './data-fields.ts'
import { type AssetName, assetNames } from './epoch-data.ts'
import { type ChargeLeaf, chargeTree } from './plain-tree.ts'

/**
 * What one charge root is recomputed from, as it is published: canonical JSON. One value has one text, and the root's
 * `dataHash` is keccak256 of its bytes.
 */
export type ChargeFile = {
  version: 1
  /** The escrow that the root is for. */
  deployment: { chainId: number; escrow: Hex }
  asset: AssetName
  /** The next one of the escrow when the file was made. */
  rootId: bigint
  periodEnd: Seconds
  /** The newest block whose events were in the books. */
  state: { block: bigint; hash: Hex }
  /** `dataHash` of the newest root that was not disabled; null before the first one. */
  previous: Hex | null
  /** By account, each once. */
  leaves: readonly ChargeLeaf[]
}

/** What a file may hold; a reader refuses more. */
export const chargeFileLimits = {
  /** A leaf takes at most 130 bytes. */
  bytes: 128 * 1_048_576,
  leaves: 900_000,
} as const

const chargeFileField = record({
  version: oneOf(1),
  deployment: record({ chainId: integer(1, Number.MAX_SAFE_INTEGER), escrow: hex(20) }),
  asset: oneOf(...assetNames),
  ...{ rootId: uint64, periodEnd: uint64 },
  state: record({ block: uint64, hash: hex(32) }),
  previous: orNull(hex(32)),
  leaves: list(
    record({ account: hex(20), life: integer(0, 2 ** 32 - 1), total: uint128 }),
    // A root of none proves nothing, and takes nothing.
    { min: 1, max: chargeFileLimits.leaves, keyOf: ({ account }) => account },
  ),
})

/** What verifiers sign of a file. */
export type ChargeFileRoots = { root: Hex; dataHash: Hex }

/** @throws UnreadableFile */
export function parseChargeFile(
  bytes: Uint8Array,
  keccak: Keccak,
): { file: ChargeFile; roots: ChargeFileRoots } {
  const text = textOf(bytes, chargeFileLimits.bytes)
  const file = parsedAs(text, chargeFileField)
  assertCanonical(text, encode(file))
  return { file, roots: rootsOf(file, text, keccak) }
}

/** @throws UnreadableFile for one that no reader would take. */
export function encodeChargeFile(
  file: ChargeFile,
  keccak: Keccak,
): { text: string; roots: ChargeFileRoots } {
  const text = encode(file)
  parsedAs(text, chargeFileField)
  return { text, roots: rootsOf(file, text, keccak) }
}

function rootsOf({ leaves }: ChargeFile, text: string, keccak: Keccak): ChargeFileRoots {
  return { root: chargeTree(leaves, keccak).root, dataHash: toHex(hashText(keccak, text)) }
}
