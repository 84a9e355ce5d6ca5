import type { Confirmation } from '@mooring/protocol/access/claims'
import { type Credential, keyHashOf } from './credentials.ts'
import type { ProofCheck } from './dpop.ts'
import { unauthenticated } from './refusals.ts'

/**
 * Throws UNAUTHENTICATED where a token is shown without what it is bound to.
 *
 * @param at - Where consumers send the request: what a proof must be for. Undefined where the configuration does not say.
 */
export function assertBound(
  credential: Credential & { kind: 'token' },
  binding: Confirmation | undefined,
  { proofs, at }: { proofs: ProofCheck; at: { host: string; path: string } | undefined },
): void {
  const { token, scheme, key, proof } = credential
  if (binding === undefined) {
    if (scheme === 'bearer') return
    throw unauthenticated('the token is bound to no key: send it as `Authorization: Bearer`')
  }
  if ('jkt' in binding) {
    if (scheme !== 'dpop') {
      const message =
        'the token is bound to a key that signs every request: send it as `Authorization: DPoP` with a proof in the `DPoP` header'
      throw unauthenticated(message, 'DPoP')
    }
    if (at === undefined) throw unauthenticated(addressUnknown)
    const problem = proofs.problemOf(proof, { token, jkt: binding.jkt, ...at })
    if (problem !== undefined) throw unauthenticated(`the proof is not valid: ${problem}`, 'DPoP')
    return
  }
  if (key === undefined) {
    const message =
      'the token alone is worth nothing: send its access key in the path or as `x-api-key`, which is enough by itself'
    throw unauthenticated(message)
  }
  // Hashes of 32 bytes: how far they agree tells nothing of the key.
  if (keyHashOf(key) !== binding['key#S256']) {
    throw unauthenticated('the key is not the one that the token is bound to')
  }
}

const addressUnknown =
  'this gateway takes no tokens that need a proof, as its configuration does not say what address proofs are for: its operator sets `access.publicUrl`; until then use a token that is bound to an access key'
