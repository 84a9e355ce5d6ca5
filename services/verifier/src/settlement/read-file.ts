import type { ChargeFile, ChargeFileRoots } from '@mooring/market/settlement/charge-file'
import type { Difference } from '@mooring/market/settlement/inconsistencies'
import { assertNothingDiffers, Unsigned } from './unsigned.ts'

/** What the thread that reads files is asked, and what it answers. */
export type FileQuestion = { kind: 'charge-root'; bytes: Uint8Array }
export type ReadChargeFile = { file: ChargeFile; roots: ChargeFileRoots }
export type FileAnswer = { ok: true; read: ReadChargeFile } | { ok: false; difference: Difference }

/** A million receipts take several minutes. */
const timeoutMs = 1_800_000

/** @throws Unsigned for bytes that are no such file. */
export async function readChargeFile(
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<ReadChargeFile> {
  const answer = await askThread({ kind: 'charge-root', bytes }, signal)
  if (answer.ok) return answer.read
  assertNothingDiffers([answer.difference])
  throw new Unsigned('the file cannot be read')
}

async function askThread(question: FileQuestion, signal: AbortSignal): Promise<FileAnswer> {
  signal.throwIfAborted()
  const thread = new Worker(new URL('./file-worker.ts', import.meta.url))
  const { promise, resolve, reject } = Promise.withResolvers<FileAnswer>()
  const ending = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const end = () => reject(ending.reason)
  ending.addEventListener('abort', end, { once: true })
  thread.onmessage = ({ data }: MessageEvent<FileAnswer>) => resolve(data)
  thread.onerror = ({ message }) => reject(new Error(`the thread that reads files: ${message}`))
  try {
    thread.postMessage(question)
    return await promise
  } finally {
    ending.removeEventListener('abort', end)
    thread.terminate()
  }
}
