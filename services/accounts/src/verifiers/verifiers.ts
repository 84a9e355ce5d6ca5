import type { Quorum } from '@mooring/onchain/access-statements'
import type {
  AttestationRequest,
  GroupKeySet,
  SignedAttestation,
  VerifierProblemCode,
} from '@mooring/protocol/access/verifier-wire'
import type { Address } from 'viem'
import type { z } from 'zod'
import {
  attestationAnswer,
  keySetAnswer,
  problemAnswer,
  revocationsAnswer,
  tokenAnswer,
} from './wire.ts'

/** What one verifier says of a deposit. */
export type VerifierAnswer =
  | { kind: 'attested'; attestation: SignedAttestation }
  | {
      kind: 'refused'
      code: VerifierProblemCode
      confirmations?: Confirmations | undefined
      /** Of RATE_LIMITED. */
      retryAfterSeconds?: number | undefined
    }
  /** No answer, or one that means nothing. */
  | { kind: 'silent' }

export type Confirmations = { have: number; need: number }

export type Verifier = {
  address: Address
  attest(request: AttestationRequest): Promise<VerifierAnswer>
  /** Undefined where it does not say. */
  revocations(after: number): Promise<z.output<typeof revocationsAnswer> | undefined>
  keySet(): Promise<GroupKeySet | undefined>
  /** The token that is bound to a key, by the hash of the key. */
  tokenOf(keyHash: string): Promise<string | undefined>
}

export type Verifiers = { all: readonly Verifier[]; quorum: Quorum }

export type VerifierSettings = {
  verifiers: readonly { address: string; url: string; credential?: string | undefined }[]
  verifiersMin: number
  verifierTimeoutMs: number
}

const answerBytesMax = 4_194_304

export function createVerifiers(settings: VerifierSettings): Verifiers {
  const { verifiers, verifiersMin: threshold, verifierTimeoutMs: timeoutMs } = settings
  const all = verifiers.map(({ address, url, credential }) =>
    // Its form was checked with the settings.
    createVerifier({ address: address as Address, url, credential, timeoutMs }),
  )
  return { all, quorum: { members: all.map(({ address }) => address), threshold } }
}

type VerifierPlace = {
  address: Address
  url: string
  credential: string | undefined
  timeoutMs: number
}

function createVerifier({ address, url, credential, timeoutMs }: VerifierPlace): Verifier {
  const at = (path: string) => `${url.replace(/\/+$/, '')}${path}`
  return {
    address,
    async attest(request) {
      const headers: Record<string, string> =
        credential === undefined ? {} : { authorization: `Bearer ${credential}` }
      const init = { method: 'POST', body: JSON.stringify(request), headers }
      const answer = await fetchJson(at('/v1/attestations'), timeoutMs, init)
      const attestation = attestationAnswer.safeParse(answer)
      if (attestation.success) return { kind: 'attested', attestation: attestation.data }
      const problem = problemAnswer.safeParse(answer)
      return problem.success ? { kind: 'refused', ...problem.data } : { kind: 'silent' }
    },
    async revocations(after) {
      const answer = await fetchJson(at(`/v1/revocations?after=${after}`), timeoutMs)
      return revocationsAnswer.safeParse(answer).data
    },
    async keySet() {
      return keySetAnswer.safeParse(await fetchJson(at('/.well-known/jwks.json'), timeoutMs)).data
    },
    async tokenOf(keyHash) {
      const answer = await fetchJson(at(`/v1/tokens/${keyHash}`), timeoutMs)
      return tokenAnswer.safeParse(answer).data?.token
    },
  }
}

/** @returns Undefined for no answer, one that is too long and one that is no JSON: none of them says anything. */
async function fetchJson(
  url: string,
  timeoutMs: number,
  { headers = {}, ...init }: RequestInit & { headers?: Record<string, string> } = {},
): Promise<unknown> {
  try {
    const response = await fetch(url, {
      ...init,
      headers: { ...headers, 'content-type': 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > answerBytesMax) return undefined
      chunks.push(chunk)
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}
