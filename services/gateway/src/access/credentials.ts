import { hash } from 'node:crypto'
import { projectKeyInput } from '@mooring/protocol/access/project-key'
import type { RequestHeaders } from '../http/request-head.ts'
import { unauthenticated } from './refusals.ts'

/** What a request shows of who sends it. */
export type Credential =
  | { kind: 'none' }
  | { kind: 'key'; key: string }
  /** `key`: sent beside it, for a token that is bound to one. `proof`: the `DPoP` header. */
  | {
      kind: 'token'
      token: string
      scheme: 'bearer' | 'dpop'
      key: string | undefined
      proof: string | undefined
    }

/** A key in the path goes before one in the headers. A key has no dot in it, and a token has. */
export function credentialOf(pathKey: string | undefined, headers: RequestHeaders): Credential {
  const authorization = headers.get('authorization')
  const given = authorization === undefined ? null : /^(Bearer|DPoP) +(\S+)$/i.exec(authorization)
  const [, scheme = '', value] = given ?? []
  const isToken = value?.includes('.') ?? false
  const key = pathKey ?? (isToken ? undefined : value) ?? headers.get('x-api-key')
  if (authorization !== undefined && value === undefined && key === undefined) {
    // Whoever shows something must not be served as if nothing had been shown.
    throw unauthenticated(
      'the Authorization header cannot be read: send `Bearer` and a key or a token, or the key in the path',
    )
  }
  if (isToken && value !== undefined) {
    const proof = headers.get('dpop')
    const isProven = scheme.toLowerCase() === 'dpop'
    return { kind: 'token', token: value, scheme: isProven ? 'dpop' : 'bearer', key, proof }
  }
  return key === undefined ? { kind: 'none' } : { kind: 'key', key }
}

const accessKey = /^[0-9a-fA-F]{64}$/

/** As base64url: what the chain names of a deposit's key, and what tokens are bound to. */
export function keyHashOf(key: string): string {
  return hash('sha256', bytesOf(key), 'base64url')
}

/** As base64url: what the accounts service knows of a project's key. */
export function projectKeyHashOf(key: string): string {
  return hash('sha256', projectKeyInput(bytesOf(key)), 'base64url')
}

export function textHashOf(text: string): string {
  return hash('sha256', text, 'base64url')
}

/**
 * The 32 bytes of an access key. Any other text gets bytes whose hash no access key and nothing else on chain has: the
 * thumbprint of a key that signs proofs is the hash of a text that everyone can see.
 */
function bytesOf(key: string): Buffer {
  return accessKey.test(key) ? Buffer.from(key, 'hex') : Buffer.from(`text ${key}`)
}
