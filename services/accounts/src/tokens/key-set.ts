import {
  type AccessDomain,
  groupKeyData,
  isSignedByQuorum,
} from '@mooring/onchain/access-statements'
import type { Clock } from '@mooring/telemetry/clock'
import { importJWK, type JWK } from 'jose'
import type { Verifiers } from '../verifiers/verifiers.ts'

/** Public keys of the group of verifiers, by their thumbprints. */
export type KeySet = {
  /** @returns Undefined for a key that the verifiers have not signed; throws when none of them answers. */
  find(kid: string): Promise<CryptoKey | undefined>
}

/** An unknown key is asked for at most so often: anyone can name one. */
const askAgainMs = 5_000
const keysMax = 50

export class VerifiersSilent extends Error {
  override name = 'VerifiersSilent'
}

export function createKeySet(verifiers: Verifiers, domain: AccessDomain, clock: Clock): KeySet {
  const known = new Map<string, CryptoKey>()
  let askedMs = Number.NEGATIVE_INFINITY
  return {
    async find(kid) {
      const found = known.get(kid)
      if (found !== undefined || clock.nowMs() - askedMs < askAgainMs) return found
      const sets = await Promise.all(verifiers.all.map((verifier) => verifier.keySet()))
      if (sets.every((set) => set === undefined)) throw new VerifiersSilent('no verifier answers')
      askedMs = clock.nowMs()
      for (const key of sets.flatMap((set) => set ?? [])) {
        if (known.has(key.kid)) continue
        const { 'mooring:signatures': signatures, ...statement } = key
        const isOurs = await isSignedByQuorum(
          verifiers.quorum,
          groupKeyData(domain, statement),
          signatures,
        )
        if (!isOurs) continue
        if (known.size >= keysMax) known.clear()
        known.set(key.kid, await publicKeyOf(key))
      }
      return known.get(kid)
    },
  }
}

async function publicKeyOf({ x }: JWK): Promise<CryptoKey> {
  const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: x ?? '' }, 'EdDSA')
  if (key instanceof Uint8Array) throw new Error('a public key came as bytes')
  return key
}
