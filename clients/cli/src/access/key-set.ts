import {
  type AccessDomain,
  groupKeyData,
  isSignedByQuorum,
  type Quorum,
} from '@mooring/onchain/access-statements'
import { type AccessToken, decodeBytes } from '@mooring/protocol/access/token'
import type { GroupJwk } from '@mooring/protocol/access/verifier-wire'
import * as jose from 'jose'
import type { Context } from '../context.ts'
import { exchange, isRecord, parseJson } from '../http.ts'

const timeoutMs = 5_000
/** A set has the key of now, the one before and the one after. */
const keysMax = 16

/** Whose word counts, and on what deployment. */
export type Trust = { domain: AccessDomain; quorum: Quorum }

/**
 * Checks a token's signature against a key that enough verifiers have signed by name. Where that key is found does not
 * matter, so all are asked, and the first who shows it is enough.
 *
 * @returns Why it is not good; undefined when it is.
 */
export async function signatureProblem(
  context: Context,
  { token, verifiers }: { token: AccessToken; verifiers: readonly string[] },
  trust: Trust,
): Promise<string | undefined> {
  const sets = verifiers.map(async (url) => {
    const found = (await fetchKeys(context, url)).filter(({ kid }) => kid === token.kid)
    for (const key of found) if (await isTrusted(key, trust)) return key
    if (found.length === 0) throw new Error('it publishes no such key')
    throw new UntrustedKey()
  })
  try {
    const key = await Promise.any(sets)
    const { 'mooring:until': until } = key
    if (until !== null && until * 1_000 <= Date.now()) return 'the key it is signed with has ended'
    return (await isSignedWith(key, token)) ? undefined : 'its signature is wrong'
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error
    return error.errors.some((one) => one instanceof UntrustedKey)
      ? 'the key it is signed with is not signed by enough verifiers'
      : 'no verifier publishes the key it is signed with'
  }
}

class UntrustedKey extends Error {
  override name = 'UntrustedKey'
}

async function isTrusted(key: GroupJwk, { domain, quorum }: Trust): Promise<boolean> {
  const { 'mooring:signatures': signatures, ...signed } = key
  if (decodeBytes(key.x)?.length !== 32) return false
  const thumbprint = await jose.calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: key.x })
  if (thumbprint !== key.kid) return false
  return isSignedByQuorum(quorum, groupKeyData(domain, signed), signatures)
}

async function isSignedWith({ x }: GroupJwk, token: AccessToken): Promise<boolean> {
  const bytes = decodeBytes(x)
  if (bytes === undefined) return false
  const key = await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify'])
  const signed = new TextEncoder().encode(token.signingInput)
  return crypto.subtle.verify('Ed25519', key, token.signature, signed)
}

async function fetchKeys(context: Context, url: string): Promise<GroupJwk[]> {
  const reply = await exchange(context, `${url}/.well-known/jwks.json`, { timeoutMs })
  const value = reply.ok && reply.status === 200 ? parseJson(reply.text) : undefined
  if (!isRecord(value)) return []
  // One that has ended at once proves it by itself, and goes before what a lagging verifier lists.
  return [value['mooring:ended'], value.keys].flatMap((listed) =>
    Array.isArray(listed) ? listed.slice(0, keysMax).filter(isGroupJwk) : [],
  )
}

function isGroupJwk(value: unknown): value is GroupJwk {
  if (!isRecord(value)) return false
  const { kty, crv, kid, x, 'mooring:from': from, 'mooring:until': until } = value
  const { 'mooring:signatures': signatures } = value
  const isKey = kty === 'OKP' && crv === 'Ed25519' && typeof kid === 'string'
  if (!isKey || typeof x !== 'string' || !Number.isSafeInteger(from)) return false
  if (until !== null && !Number.isSafeInteger(until)) return false
  return (
    Array.isArray(signatures) &&
    signatures.every(
      (one) =>
        isRecord(one) && typeof one.verifier === 'string' && typeof one.signature === 'string',
    )
  )
}
