import { isDeeperThan } from '../json-text.ts'
import { MarketError } from '../market-error.ts'
import { idOf, parseRequest, type RequestId, type RpcRequest } from './request.ts'

/** One member of a batch: a request, or why it is none. */
export type BatchItem =
  | { ok: true; request: RpcRequest }
  | { ok: false; id: RequestId; error: MarketError }

export type RpcBody = { kind: 'single'; item: BatchItem } | { kind: 'batch'; items: BatchItem[] }

export type BodyLimits = {
  /** Most requests one batch may hold. */
  batchMax: number
  /** Deepest nesting of arrays and objects in `params`, `params` itself counted as one. */
  paramsDepthMax: number
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
  const around = /^\s*\[/.test(text) ? 2 : 1
  if (isDeeperThan(text, limits.paramsDepthMax + around)) throw tooDeep(limits.paramsDepthMax)
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message =
      text.trim() === ''
        ? 'the body is empty: send one JSON-RPC request, or an array of them'
        : 'the body is not valid JSON: names and texts need double quotes, and a shell may have eaten them'
    throw new MarketError('PARSE_ERROR', message, { cause })
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

function tooDeep(paramsDepthMax: number): MarketError {
  return new MarketError(
    'REQUEST_TOO_LARGE',
    `\`params\` are nested deeper than the limit of ${paramsDepthMax} levels: send them flatter, or in several requests`,
    { details: { limit: 'paramsDepthMax', value: paramsDepthMax } },
  )
}
