import { UnreadableFile } from '@mooring/market/settlement/canonical-file'
import { parseChargeFile } from '@mooring/market/settlement/charge-file'
import { openKeccak } from '@mooring/onchain/keccak'
import { verifyEpochFile } from '@mooring/onchain/verify-epoch-file'
import type { BrokenAnswer, ChargeFileAnswer, EpochFileAnswer, FileQuestion } from './read-file.ts'

/**
 * Reads one file in a thread of its own: a hundred thousand leaves or receipts take seconds, in which tokens have to be
 * signed.
 */
declare const self: Worker

self.onmessage = async ({ data: { kind, bytes } }: MessageEvent<FileQuestion>) => {
  try {
    postMessage(kind === 'charge-root' ? await readCharges(bytes) : await readEpoch(bytes))
  } catch (error) {
    // Left alone it would be told to nobody, and waited for.
    const broken = error instanceof Error ? (error.stack ?? error.message) : String(error)
    postMessage({ broken } satisfies BrokenAnswer)
  }
}
// What is asked before somebody listens may be lost.
postMessage('ready')

async function readCharges(bytes: Uint8Array): Promise<ChargeFileAnswer> {
  const keccak = await openKeccak()
  try {
    return { ok: true, read: parseChargeFile(bytes, keccak) }
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    return { ok: false, differences: [error.difference] }
  }
}

async function readEpoch(bytes: Uint8Array): Promise<EpochFileAnswer> {
  const { file, differences } = await verifyEpochFile(bytes, { keccak: await openKeccak() })
  if (file === undefined || differences.length > 0) return { ok: false, differences }
  // Those that the chain knows nothing of stay here, because they are most of it.
  const data = { ...file.data, receipts: [], charges: [], performance: [] }
  return { ok: true, read: { ...file, data } }
}
