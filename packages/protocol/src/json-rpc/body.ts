import { MarketError } from '../market-error.ts'
import { type RequestId, idOf, parseRequest, type RpcRequest } from './request.ts'

/** One member of a batch: a request, or why it is none. */
export type BatchItem =
  | { ok: true; request: RpcRequest }
  | { ok: false; id: RequestId; error: MarketError }

export type RpcBody = { kind: 'single'; item: BatchItem } | { kind: 'batch'; items: BatchItem[] }

export type BodyLimits = {
  /** Most requests one batch may hold. */
  batchMax: number
  /** Deepest nesting of arrays and objects in the body, the request object itself counted as one. */
  depthMax: number
}

/**
 * Parses a whole HTTP body.
 *
 * @param text - The body as received, already within the size limit.
 * @returns A single request or a batch; a malformed member of a batch is an item of its own and does
 *   not spoil the others. Throws PARSE_ERROR, INVALID_REQUEST (an empty batch, ids that stand twice)
 *   and REQUEST_TOO_LARGE (batch, depth).
 * @see https://www.jsonrpc.org/specification#batch
 */
export function parseBody(text: string, limits: BodyLimits): RpcBody {
  assertDepth(text, limits.depthMax)
  const value = parseJson(text)
  if (!Array.isArray(value)) return { kind: 'single', item: parseItem(value) }
  if (value.length === 0) {
    throw new MarketError('INVALID_REQUEST', 'the batch is empty: put at least one request in it')
  }
  if (value.length > limits.batchMax) {
    throw new MarketError(
      'REQUEST_TOO_LARGE',
      `the batch holds ${value.length} requests, the limit is ${limits.batchMax}: send smaller batches`,
      { details: { limit: 'batchMax', value: limits.batchMax } },
    )
  }
  const items = value.map(parseItem)
  assertUniqueIds(items)
  return { kind: 'batch', items }
}

/**
 * Refuses nesting past the limit before the JSON parser meets it.
 * Brackets inside strings do not count.
 */
export function assertDepth(text: string, depthMax: number): void {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === quote) at = endOfString(text, at)
    else if (char === openBracket || char === openBrace) {
      if (++depth > depthMax) throw tooDeep(depthMax)
    } else if (char === closeBracket || char === closeBrace) depth--
  }
}

const quote = 34
const backslash = 92
const openBracket = 91
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

/** @returns The index of the closing quote, or the text's length when it never closes. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const end = text.indexOf('"', at)
    if (end === -1) return text.length
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return end
    at = end + 1
  }
  return text.length
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MarketError('PARSE_ERROR', 'the body is not valid JSON', { cause })
  }
}

function parseItem(value: unknown): BatchItem {
  try {
    return { ok: true, request: parseRequest(value) }
  } catch (error) {
    if (error instanceof MarketError) return { ok: false, id: idOf(value), error }
    throw error
  }
}

/** Two answers with one id cannot be told apart, so neither is asked for. */
function assertUniqueIds(items: readonly BatchItem[]): void {
  const positions = new Map<RequestId, number>()
  for (const [position, item] of items.entries()) {
    if (!item.ok || item.request.id === null) continue
    const first = positions.get(item.request.id)
    if (first !== undefined) {
      throw new MarketError(
        'INVALID_REQUEST',
        `the batch uses the id ${JSON.stringify(item.request.id).slice(0, 80)} twice (positions ${first} and ${position}): give each request its own`,
      )
    }
    positions.set(item.request.id, position)
  }
}

function tooDeep(depthMax: number): MarketError {
  return new MarketError(
    'REQUEST_TOO_LARGE',
    `the body is nested deeper than the limit of ${depthMax} levels`,
    { details: { limit: 'depthMax', value: depthMax } },
  )
}
