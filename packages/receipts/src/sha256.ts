import type { Sha256 } from '@mooring/market/receipts/window'
import { leafBytes } from '@mooring/protocol/relays/receipts'

export const sha256: Sha256 = (bytes, into) => {
  Bun.SHA256.hash(bytes, into)
}

/** A leaf as text of one letter for each byte: it sorts as its bytes do. */
export type Leaf = string

/** The leaf of a relay; see `Receipt`. @param request - The bodies, as text. */
export function leafOf(request: string, response: string): Leaf {
  hashInto(request, response)
  return leaf.toString('latin1')
}

/** The same as eight numbers, in memory that the next call writes over. */
export function leafWordsOf(request: string, response: string): Uint32Array {
  hashInto(request, response)
  return leafWords
}

/** Leaves one after the other, as they stand. */
export function bytesOfLeaves(leaves: readonly Leaf[]): Uint8Array {
  return Buffer.from(leaves.join(''), 'latin1')
}

/** Done for every relay, so nothing is made for it. */
function hashInto(request: string, response: string): void {
  Bun.SHA256.hash(request, ofRequest)
  Bun.SHA256.hash(response, ofResponse)
  Bun.SHA256.hash(pair, leaf)
}

const pair = new Uint8Array(2 * leafBytes)
const ofRequest = pair.subarray(0, leafBytes)
const ofResponse = pair.subarray(leafBytes)
const leafWords = new Uint32Array(leafBytes / 4)
const leaf = Buffer.from(leafWords.buffer)
