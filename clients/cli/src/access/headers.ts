import { heldTokenOf } from './held-token.ts'
import type { KeyFile } from './key-file.ts'
import { createProof } from './proof.ts'

/**
 * The headers that a `POST` with a key carries: secrets, or good for one request. Refuses a key whose token is missing,
 * where that is what is sent.
 */
export async function headersOf(
  key: KeyFile,
  url: string,
): Promise<Readonly<Record<string, string>>> {
  const { material } = key
  switch (material.delivery) {
    case 'key':
      return { 'x-api-key': material.key }
    case 'wallet':
      return { authorization: `Bearer ${heldTokenOf(key).raw}` }
    case 'proof': {
      const { raw: token } = heldTokenOf(key)
      const wanted = { method: 'POST', url, token, nowMs: Date.now() }
      return { authorization: `DPoP ${token}`, dpop: await createProof(material.jwk, wanted) }
    }
  }
}
