import type { Keccak } from '@mooring/market/settlement/bytes'
import { UnreadableFile } from '@mooring/market/settlement/canonical-file'
import { parseEpochFile, type ReadEpochFile } from '@mooring/market/settlement/epoch-file'
import type { Settlement } from '@mooring/market/settlement/settle-epoch'
import { verifyEpoch } from '@mooring/market/settlement/verify-epoch'
import { openKeccak } from '@mooring/onchain/keccak'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { readEpochSource } from './epoch-source.ts'

/** A file that holds in itself, and what comes out of it. */
export type LoadedEpoch = { file: ReadEpochFile; settlement: Settlement; keccak: Keccak }

/** For commands that show what is in a file: whatever they tell follows from the data. */
export async function loadEpoch(context: Context, source: string): Promise<LoadedEpoch> {
  const bytes = await readEpochSource(context, source)
  const keccak = await openKeccak()
  const file = parse(bytes, keccak)
  const { settlement, differences } = verifyEpoch(file, keccak)
  if (settlement === undefined || differences.length > 0) {
    throw new CommandError(
      'unexpected',
      `${source} does not hold: \`npx mooring epoch verify\` tells what differs.`,
    )
  }
  return { file, settlement, keccak }
}

function parse(bytes: Uint8Array, keccak: Keccak): ReadEpochFile {
  try {
    return parseEpochFile(bytes, keccak)
  } catch (cause) {
    if (!(cause instanceof UnreadableFile)) throw cause
    throw new CommandError('badInput', `This is no epoch file: ${cause.message}.`, { cause })
  }
}
