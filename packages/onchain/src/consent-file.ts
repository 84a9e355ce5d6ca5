import { z } from 'zod'
import { address, assetName, hash, parseWith, signature, uint256 } from './file-fields.ts'

const schema = z.strictObject({
  asset: assetName,
  account: address,
  keyCommitment: hash,
  deadline: uint256,
  signature,
})

/** That an account agrees to a deposit somebody else makes for it, with what signed it. */
export type ConsentFile = z.output<typeof schema>

/** @param text - JSON. @throws With every problem at once. */
export function parseConsentFile(text: string): ConsentFile {
  return parseWith(schema, JSON.parse(text))
}
