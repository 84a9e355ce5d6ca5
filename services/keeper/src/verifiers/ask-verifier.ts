import {
  type SettlementAnswer,
  type SettlementWish,
  settlementPaths,
} from '@mooring/protocol/settlement/signing-wire'
import { z } from 'zod'

/** What came of asking one verifier. */
export type VerifierAnswer = SettlementAnswer | { state: 'silent'; why: string }

const timeoutMs = 10_000
const bodyBytesMax = 65_536
const reasonsMax = 100

const hex = (form: RegExp) =>
  z
    .string()
    .regex(form)
    .transform((text) => text as `0x${string}`)
const answerSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('checking'), retryAfterMs: z.number() }),
  z.object({
    state: z.literal('signed'),
    signer: hex(/^0x[0-9a-fA-F]{40}$/),
    signature: hex(/^0x[0-9a-fA-F]{130}$/),
  }),
  z.object({
    state: z.literal('refused'),
    reasons: z.array(z.string().max(1_000)).max(reasonsMax),
  }),
])

/** Never rejects. */
export async function askVerifier(
  url: string,
  wish: SettlementWish,
  signal: AbortSignal,
): Promise<VerifierAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}${settlementPaths.signatures}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
      redirect: 'manual',
      signal: AbortSignal.any([timeout, signal]),
    })
    const text = await textOf(response)
    if (response.status !== 200) return silent(`it answers with status ${response.status}`)
    const parsed = answerSchema.safeParse(text === undefined ? undefined : JSON.parse(text))
    return parsed.success ? parsed.data : silent('it answers with something else')
  } catch (error) {
    if (error instanceof SyntaxError) return silent('it answers with no JSON')
    // What a library throws holds addresses.
    return silent(timeout.aborted ? `it does not answer within ${timeoutMs} ms` : 'not reached')
  }
}

/** Undefined where it is longer than any answer. */
async function textOf(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > bodyBytesMax) return undefined
  }
  return text
}

function silent(why: string): VerifierAnswer {
  return { state: 'silent', why }
}
