import type {
  BeginAnswer,
  PostAnswer,
  PostRefusal,
  PostRequest,
} from '@mooring/protocol/metering/wire'
import { type Fetched, fetchJson } from '../access/fetch-json.ts'
import type { MeterSettings } from '../config.ts'
import { parseBeginAnswer, parsePostAnswer, parsePostRefusal } from './wire.ts'

/** How long an answer of the ledger is waited for. */
export const ledgerTimeoutMs = 10_000
const answerBytesMax = 16 * 1_048_576

export type PostOutcome =
  | { kind: 'answer'; answer: PostAnswer }
  | { kind: 'refusal'; refusal: PostRefusal }
  | { kind: 'failed'; why: string }

/** The billing service, as this gateway asks it. Nothing here rejects. */
export type Ledger = {
  begin(): Promise<{ kind: 'answer'; answer: BeginAnswer } | { kind: 'failed'; why: string }>
  post(request: PostRequest): Promise<PostOutcome>
}

export function createLedger(
  { billing, instance }: Pick<MeterSettings, 'billing' | 'instance'>,
  signal: AbortSignal,
): Ledger {
  const root = billing.url.replace(/\/$/, '')
  const ask = (path: string, value: unknown) =>
    fetchJson(`${root}/v1/meter/${path}`, {
      credential: billing.credential,
      body: JSON.stringify(value),
      timeoutMs: ledgerTimeoutMs,
      bytesMax: answerBytesMax,
      signal,
    })
  return {
    async begin() {
      const fetched = await ask('begin', { instance })
      const answer = fetched.kind === 'answer' ? parseBeginAnswer(fetched.value) : undefined
      return answer === undefined ? failed(fetched) : { kind: 'answer', answer }
    },
    async post(request) {
      const fetched = await ask('post', request)
      if (fetched.kind === 'answer') {
        const answer = parsePostAnswer(fetched.value)
        return answer === undefined ? failed(fetched) : { kind: 'answer', answer }
      }
      const refusal = fetched.kind === 'conflict' ? parsePostRefusal(fetched.value) : undefined
      return refusal === undefined ? failed(fetched) : { kind: 'refusal', refusal }
    },
  }
}

function failed(fetched: Fetched): { kind: 'failed'; why: string } {
  if (fetched.kind === 'failed') return fetched
  return { kind: 'failed', why: fetched.kind === 'absent' ? 'status 404' : 'no answer of a ledger' }
}
