import { UnreadableFile } from '@mooring/market/settlement/canonical-file'
import { parseChargeFile } from '@mooring/market/settlement/charge-file'
import { openKeccak } from '@mooring/onchain/keccak'
import type { FileAnswer, FileQuestion } from './read-file.ts'

/** Reads one file in a thread of its own: a hundred thousand leaves take seconds, in which tokens have to be signed. */
declare const self: Worker

self.onmessage = async ({ data }: MessageEvent<FileQuestion>) => {
  postMessage(await answerTo(data))
}

async function answerTo({ bytes }: FileQuestion): Promise<FileAnswer> {
  const keccak = await openKeccak()
  try {
    return { ok: true, read: parseChargeFile(bytes, keccak) }
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    return { ok: false, difference: error.difference }
  }
}
