import {
  type AccessDomain,
  groupKeyData,
  isSignedByQuorum,
} from '@mooring/onchain/access-statements'
import { decodeBytes } from '@mooring/protocol/access/token'
import { type GroupJwk, isEndedAtOnce } from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import { calculateJwkThumbprint, importJWK } from 'jose'
import type { Verifiers } from '../verifiers/verifiers.ts'

/** Public keys of the group of verifiers, by their thumbprints. */
export type KeySet = {
  /**
   * @returns Undefined for a key that the verifiers have not signed, or have ended at once; throws when none of them
   * answers.
   */
  find(kid: string): Promise<CryptoKey | undefined>
  /** Keys that the verifiers have ended at once, as far as is known: they are asked again when that is long ago. */
  listEnded(): Promise<readonly string[]>
}

/** An unknown key is asked for at most so often: anyone can name one. */
const askAgainMs = 5_000
/** So long an end may stay unheard of. */
const endUnheardMs = 10_000
const keysMax = 50

export class VerifiersSilent extends Error {
  override name = 'VerifiersSilent'
}

export function createKeySet(verifiers: Verifiers, domain: AccessDomain, clock: Clock): KeySet {
  const known = new Map<string, CryptoKey>()
  const ended = new Set<string>()
  let askedMs = Number.NEGATIVE_INFINITY
  /** For a key that was not known: the look for ends, which comes of itself, makes nobody wait. */
  let soughtMs = Number.NEGATIVE_INFINITY
  const isSigned = async ({ 'mooring:signatures': signatures, ...statement }: GroupJwk) =>
    (await isNamedRightly(statement)) &&
    (await isSignedByQuorum(verifiers.quorum, groupKeyData(domain, statement), signatures))

  /** @returns Whether any verifier answers. */
  async function askVerifiers(): Promise<boolean> {
    const answers = await Promise.all(verifiers.all.map((verifier) => verifier.keySet()))
    const sets = answers.filter((answer) => answer !== undefined)
    if (sets.length === 0) return false
    askedMs = clock.nowMs()
    // Ends first: whoever lists an ended key as good shows what was signed before its end.
    for (const key of sets.flatMap((set) => set['mooring:ended'])) {
      if (ended.has(key.kid) || !isEndedAtOnce(key) || !(await isSigned(key))) continue
      ended.add(key.kid)
      known.delete(key.kid)
    }
    for (const key of sets.flatMap((set) => set.keys)) {
      if (known.has(key.kid) || ended.has(key.kid) || isEndedAtOnce(key)) continue
      if (!(await isSigned(key))) continue
      if (known.size >= keysMax) known.clear()
      known.set(key.kid, await publicKeyOf(key))
    }
    return true
  }

  return {
    async find(kid) {
      const found = known.get(kid)
      if (found !== undefined || clock.nowMs() - soughtMs < askAgainMs) return found
      if (!(await askVerifiers())) throw new VerifiersSilent('no verifier answers')
      soughtMs = askedMs
      return known.get(kid)
    },
    async listEnded() {
      // Those who are silent have ended nothing that is known.
      if (clock.nowMs() - askedMs >= endUnheardMs) await askVerifiers()
      return [...ended]
    },
  }
}

/** The name is not signed: under that of another key a statement would be about that one. */
async function isNamedRightly({ kid, x }: Pick<GroupJwk, 'kid' | 'x'>): Promise<boolean> {
  if (decodeBytes(x)?.length !== 32) return false
  return (await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x })) === kid
}

async function publicKeyOf({ x }: GroupJwk): Promise<CryptoKey> {
  const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x }, 'EdDSA')
  if (key instanceof Uint8Array) throw new Error('a public key came as bytes')
  return key
}
