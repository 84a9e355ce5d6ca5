import type { Keccak } from '@mooring/market/settlement/bytes'
import { UnreadableFile } from '@mooring/market/settlement/canonical-file'
import { parseEpochFile, type ReadEpochFile } from '@mooring/market/settlement/epoch-file'
import type { Difference } from '@mooring/market/settlement/inconsistencies'
import type { Settlement } from '@mooring/market/settlement/settle-epoch'
import { verifyEpoch } from '@mooring/market/settlement/verify-epoch'
import { wrongSignatures } from './receipt-statement.ts'

/** What comes out of a file's bytes alone. Without a file the bytes are none. */
export type EpochFileFinding = {
  file: ReadEpochFile | undefined
  settlement: Settlement | undefined
  differences: Difference[]
}

export type VerifyEpochOptions = {
  keccak: Keccak
  onRecomputed?: (() => void) | undefined
  /** Told now and then how many of how many receipts were looked at. */
  onChecked?: ((count: number, all: number) => void) | undefined
}

/** Reads the bytes of an epoch and recomputes all that comes out of them, the signatures of receipts as well. */
export async function verifyEpochFile(
  bytes: Uint8Array,
  { keccak, onRecomputed, onChecked }: VerifyEpochOptions,
): Promise<EpochFileFinding> {
  const file = readFile(bytes, keccak)
  if (!('data' in file)) return { file: undefined, settlement: undefined, differences: [file] }
  const { settlement, differences } = verifyEpoch(file, keccak)
  onRecomputed?.()
  const { length } = file.data.receipts
  const wrong = await wrongSignatures(file.data, {
    keccak,
    onChecked: (count) => onChecked?.(count, length),
  })
  return { file, settlement, differences: [...differences, ...wrong] }
}

function readFile(bytes: Uint8Array, keccak: Keccak): ReadEpochFile | Difference {
  try {
    return parseEpochFile(bytes, keccak)
  } catch (error) {
    if (error instanceof UnreadableFile) return error.difference
    throw error
  }
}
