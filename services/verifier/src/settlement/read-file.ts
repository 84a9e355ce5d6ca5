import type { ChargeFile, ChargeFileRoots } from '@mooring/market/settlement/charge-file'
import type { ReadEpochFile } from '@mooring/market/settlement/epoch-file'
import type { Difference } from '@mooring/market/settlement/inconsistencies'
import { assertNothingDiffers, Unsigned } from './unsigned.ts'

/** What the thread that reads files is asked, and what it answers. */
export type FileQuestion = { kind: 'charge-root' | 'epoch'; bytes: Uint8Array }
type Answer<T> = { ok: true; read: T } | { ok: false; differences: Difference[] }

/** The thread could not do it. */
export type BrokenAnswer = { broken: string }

export type ReadChargeFile = { file: ChargeFile; roots: ChargeFileRoots }
export type ChargeFileAnswer = Answer<ReadChargeFile>
export type EpochFileAnswer = Answer<ReadEpochFile>

/** A million receipts take several minutes. */
const timeoutMs = 1_800_000

/** @throws Unsigned for bytes that are no such file. */
export async function readChargeFile(
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<ReadChargeFile> {
  return readOf(await askThread<ChargeFileAnswer>({ kind: 'charge-root', bytes }, signal))
}

/**
 * An epoch in which all comes out as it says, with receipts that are signed by whom they are of. It comes without lists that
 * the chain says nothing about: receipts, charges and performance.
 *
 * @throws Unsigned for any other.
 */
export async function readEpochFile(
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<ReadEpochFile> {
  return readOf(await askThread<EpochFileAnswer>({ kind: 'epoch', bytes }, signal))
}

function readOf<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.read
  assertNothingDiffers(answer.differences)
  throw new Unsigned('the file cannot be read')
}

async function askThread<T extends object>(
  question: FileQuestion,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted()
  const thread = new Worker(new URL('./file-worker.ts', import.meta.url))
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const ending = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const end = () => reject(ending.reason)
  ending.addEventListener('abort', end, { once: true })
  // The thread is ours, and answers each kind in its way.
  thread.onmessage = ({ data }: MessageEvent<'ready' | T | BrokenAnswer>) => {
    if (data === 'ready') thread.postMessage(question)
    else if ('broken' in data) reject(new Error(`the thread that reads files: ${data.broken}`))
    else resolve(data)
  }
  thread.onerror = ({ message }) => reject(new Error(`the thread that reads files: ${message}`))
  thread.addEventListener('close', () => reject(new Error('the thread that reads files ended')))
  try {
    return await promise
  } finally {
    ending.removeEventListener('abort', end)
    thread.terminate()
  }
}
