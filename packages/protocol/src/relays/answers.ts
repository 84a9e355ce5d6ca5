import type { Hex } from './sessions.ts'

/**
 * What a node's key has signed of one answer: `value` is what `method` says of the state after the block, and stands in the
 * header `x-mooring-answer` as base64 of its JSON. Parameters and values are ABI-encoded, so that a contract can read them and
 * nobody can argue about JSON. See `answerData`.
 */
export type SignedAnswer = {
  nodeId: string
  chainId: string
  blockHash: Hex
  method: string
  /** Parameters of the method but for the block. */
  params: Hex
  value: Hex
  signature: Hex
}

/** Longer than any such header is; what is longer is none. */
const headerLengthMax = 4_096

export function answerHeader(answer: SignedAnswer): string {
  return btoa(JSON.stringify(answer))
}

/** Clients take no longer headers than some 16 KB. */
export const signedBatchMax = 16
const separator = ','
/** In the place of an answer that is not signed. */
const unsigned = '-'

/** The header of a batch: what was signed of each answer, in the order of the answers. */
export function batchAnswersHeader(headers: readonly (string | undefined)[]): string {
  return headers.map((header) => header ?? unsigned).join(separator)
}

/** @returns What was signed of each answer of a batch; undefined where nothing was, or where it is none. */
export function parseBatchAnswersHeader(header: string): (SignedAnswer | undefined)[] {
  return header.split(separator).map(parseAnswerHeader)
}

/** @returns Undefined where it is none. */
export function parseAnswerHeader(header: string): SignedAnswer | undefined {
  if (header.length > headerLengthMax) return undefined
  try {
    const given = Object(JSON.parse(atob(header))) as Record<string, unknown>
    const isWhole =
      ['nodeId', 'chainId'].every((name) => isText(given[name], /^[0-9]{1,78}$/)) &&
      isText(given.method, /^[A-Za-z0-9_]{1,64}$/) &&
      isText(given.blockHash, /^0x[0-9a-f]{64}$/) &&
      ['params', 'value'].every((name) => isText(given[name], /^0x(?:[0-9a-f]{2}){0,1024}$/)) &&
      isText(given.signature, /^0x[0-9a-f]{130}$/)
    // Every member was looked at.
    return isWhole ? (given as SignedAnswer) : undefined
  } catch {
    return undefined
  }
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value)
}
