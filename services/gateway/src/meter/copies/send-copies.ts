import type { CopyHead } from '@mooring/protocol/metering/copies'
import { z } from 'zod'
import { fetchJson } from '../../access/fetch-json.ts'
import type { CopySettings } from '../../config.ts'
import { lineOf } from '../log/frame.ts'

/** How long an answer of a witness is waited for. */
const witnessTimeoutMs = 1_500
const answerBytesMax = 65_536

/** `kept`, `gap`: frames up to `last` are there. */
export type SentOutcome = { kind: 'kept' | 'gap'; last: number } | { kind: 'failed'; why: string }

type Sent = { path: string; head: CopyHead; text: string; signal: AbortSignal }

const answer = z.object({ last: z.int().min(0) })
const refusal = z.object({ error: z.string().max(64), last: z.int().min(0) })

/** Sends frames to a witness. Never rejects. */
export async function sendCopies(
  { url, credential }: CopySettings,
  { path, head, text, signal }: Sent,
): Promise<SentOutcome> {
  const fetched = await fetchJson(`${url.replace(/\/$/, '')}${path}`, {
    credential,
    body: `${lineOf(JSON.stringify(head))}${text}`,
    timeoutMs: witnessTimeoutMs,
    bytesMax: answerBytesMax,
    signal,
  })
  if (fetched.kind === 'failed') return fetched
  if (fetched.kind === 'absent') return { kind: 'failed', why: 'status 404' }
  if (fetched.kind === 'answer') {
    const kept = answer.safeParse(fetched.value).data
    return kept === undefined ? noWitness : { kind: 'kept', last: kept.last }
  }
  const refused = refusal.safeParse(fetched.value).data
  if (refused === undefined) return noWitness
  if (refused.error === 'gap') return { kind: 'gap', last: refused.last }
  return { kind: 'failed', why: refused.error }
}

const noWitness = { kind: 'failed', why: 'no answer of a witness' } as const
