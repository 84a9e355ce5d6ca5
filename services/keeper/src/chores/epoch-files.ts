import { UnreadableFile } from '@mooring/market/settlement/canonical-file'
import {
  epochFileLimits,
  parseEpochFile,
  type ReadEpochFile,
} from '@mooring/market/settlement/epoch-file'
import type { ChoreParts, Turn } from '../chore.ts'

/** @returns Undefined where there is none, and what is wrong with it where it is no file. */
export async function fetchEpochFile(
  { files, keccak }: ChoreParts,
  path: string,
  turn: Turn,
): Promise<ReadEpochFile | string | undefined> {
  const options = { bytesMax: epochFileLimits.bytes, signal: turn.signal }
  const bytes = await files.fetchFile(path, options)
  if (bytes === undefined) return undefined
  try {
    return parseEpochFile(bytes, keccak)
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    return `the epoch file cannot be read: ${error.message}`
  }
}
