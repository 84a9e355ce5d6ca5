import { parseToken } from '@mooring/protocol/access/token'
import {
  type TokenAnswer,
  type TokenRequest,
  type VerifierProblem,
  verifierProblems,
} from '@mooring/protocol/access/verifier-wire'
import type { Context } from '../context.ts'
import { exchange, isRecord, parseJson } from '../http.ts'
import { claimsProblem } from './check-token.ts'
import { signatureProblem, type Trust } from './key-set.ts'

/** Twice what verifiers wait for each other. */
const timeoutMs = 12_000
const detailCharsMax = 200

/** What one verifier said instead of a token. */
export type Refusal = {
  url: string
  code: VerifierProblem['code'] | 'UNREACHABLE' | 'MALFORMED_ANSWER'
  detail: string
}

export type Asking = {
  verifiers: readonly string[]
  request: TokenRequest
  /** Of the deposit, as the chain was read here. */
  amount: bigint
  trust: Trust
  /** Opens what was sealed. Throws on what was sealed to somebody else. */
  open(sealed: TokenAnswer['sealed']): Promise<string>
  /** Aborted when the user has had enough. */
  signal: AbortSignal
  /** Told of each verifier that gave none. */
  onRefusal(refusal: Refusal): void
}

export type Asked = { kind: 'token'; raw: string } | { kind: 'none'; refusals: Refusal[] }

/**
 * Asks one verifier after the other for the same token until one gives it, and believes none of them: what comes back
 * is checked against the chain and the keys of the set.
 */
export async function askVerifiers(context: Context, asking: Asking): Promise<Asked> {
  const refusals: Refusal[] = []
  for (const url of asking.verifiers) {
    if (asking.signal.aborted) break
    const answer = await ask(context, url, asking)
    const opened = 'code' in answer ? answer : await opening(context, asking, { url, answer })
    if (typeof opened === 'string') return { kind: 'token', raw: opened }
    refusals.push(opened)
    asking.onRefusal(opened)
  }
  return { kind: 'none', refusals }
}

async function ask(
  context: Context,
  url: string,
  { request, signal }: Asking,
): Promise<TokenAnswer | Refusal> {
  const reply = await exchange(context, `${url}/v1/tokens`, {
    timeoutMs,
    signal,
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    },
  })
  if (!reply.ok) return { url, code: 'UNREACHABLE', detail: reply.detail }
  const value = parseJson(reply.text)
  if (reply.status === 200 && isAnswer(value)) return value
  if (isProblem(value)) return { url, code: value.code, detail: detailOf(value) }
  return {
    ...{ url, code: 'MALFORMED_ANSWER' },
    detail: `what it says is no answer of a verifier (HTTP ${reply.status})`,
  }
}

async function opening(
  context: Context,
  { request, amount, trust, open, verifiers }: Asking,
  { url, answer }: { url: string; answer: TokenAnswer },
): Promise<string | Refusal> {
  const no = (why: string): Refusal => ({
    ...{ url, code: 'MALFORMED_ANSWER' },
    detail: `its token is not good: ${why}`,
  })
  const raw = await open(answer.sealed).catch(() => undefined)
  if (raw === undefined) return no('it is not sealed to the key that was named')
  const parsed = parseToken(raw)
  if (!parsed.ok) return no(parsed.problem)
  const { token } = parsed
  const { attestations } = answer
  const answered = { claims: token.claims, attestations, request, amount }
  const problem =
    (await claimsProblem(trust, answered, Date.now())) ??
    (await signatureProblem(context, { token, verifiers }, trust))
  return problem === undefined ? raw : no(problem)
}

/** What it heard of the others belongs to it: they say more than that there were too few. */
function detailOf({ detail, verifiers = [] }: VerifierProblem): string {
  const others = verifiers.map((other) => `${other.verifier}: ${other.detail}`)
  return [detail, ...others].map((text) => printable(text)).join('; ')
}

/** Somebody else's words on a terminal: no control characters, and not without end. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, ' ').slice(0, detailCharsMax)
}

function isAnswer(value: unknown): value is TokenAnswer {
  if (!isRecord(value) || !isRecord(value.sealed) || !Array.isArray(value.attestations))
    return false
  const { sealed, attestations } = value
  const { envelope } = sealed
  const isSealed =
    (sealed.kind === 'jwe' && typeof sealed.jwe === 'string') ||
    (sealed.kind === 'wallet' &&
      isRecord(envelope) &&
      [envelope.nonce, envelope.ephemPublicKey, envelope.ciphertext].every(
        (one) => typeof one === 'string',
      ))
  return isSealed && attestations.every(isAttestation)
}

function isAttestation(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { escrow, account, transactionHash, blockHash, amount, signature } = value
  const texts = [escrow, account, transactionHash, blockHash, amount, signature]
  const numbers = [value.logIndex, value.life, value.blockNumber]
  return (
    texts.every((text) => typeof text === 'string') &&
    /^\d{1,78}$/.test(String(amount)) &&
    numbers.every((number) => Number.isSafeInteger(number)) &&
    typeof value.isFinal === 'boolean'
  )
}

function isProblem(value: unknown): value is VerifierProblem {
  if (!isRecord(value) || typeof value.detail !== 'string') return false
  const { code, verifiers } = value
  const isKnown = typeof code === 'string' && Object.hasOwn(verifierProblems, code)
  const isList =
    verifiers === undefined ||
    (Array.isArray(verifiers) &&
      verifiers.every(
        (one) => isRecord(one) && [one.verifier, one.detail].every((t) => typeof t === 'string'),
      ))
  return isKnown && isList
}
