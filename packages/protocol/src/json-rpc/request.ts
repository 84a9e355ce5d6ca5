import { MarketError } from '../market-error.ts'

export type RequestId = string | number | null

/** One JSON-RPC 2.0 request after parsing. `params` is what the caller sent, `[]` when left out. */
export type RpcRequest = {
  id: RequestId
  method: string
  params: RpcParams
}

export type RpcParams = readonly unknown[] | Readonly<Record<string, unknown>>

/** Longest method name that is looked at; the longest real one is under 60. */
const methodLengthMax = 128

/**
 * Turns any JSON value into a request.
 *
 * @returns The request. Throws INVALID_REQUEST naming the member that is wrong.
 * @see https://www.jsonrpc.org/specification#request_object
 */
export function parseRequest(value: unknown): RpcRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('a request must be a JSON object')
  }
  const { jsonrpc, id, method, params } = value as Record<string, unknown>
  if (jsonrpc !== undefined && jsonrpc !== '2.0') throw invalid('`jsonrpc` must be "2.0"')
  if (typeof method !== 'string' || method === '') {
    throw invalid('`method` must be a string such as "eth_blockNumber"')
  }
  if (method.length > methodLengthMax) {
    throw invalid(`\`method\` is longer than ${methodLengthMax} characters`)
  }
  // Some clients send null for none.
  if (params === undefined || params === null) return { id: parseId(id), method, params: [] }
  if (typeof params !== 'object') throw invalid('`params` must be an array or an object')
  return { id: parseId(id), method, params: params as RpcParams }
}

/**
 * The id a failed request can still be answered with: the one sent when it is usable, else null.
 */
export function idOf(value: unknown): RequestId {
  if (typeof value !== 'object' || value === null) return null
  const { id } = value as Record<string, unknown>
  return isId(id) ? id : null
}

function parseId(id: unknown): RequestId {
  if (id === undefined) {
    throw invalid('`id` is missing: notifications are not served, add an id such as "id": 1')
  }
  if (typeof id === 'number' && !isExact(id)) {
    throw invalid('`id` is a number that JSON cannot carry exactly: send it as a string')
  }
  if (!isId(id)) throw invalid('`id` must be a string, a number or null')
  return id
}

function isId(id: unknown): id is RequestId {
  return id === null || typeof id === 'string' || (typeof id === 'number' && isExact(id))
}

/** An integer past 2^53 would come back altered, and the caller could not match the answer. */
function isExact(id: number): boolean {
  return Number.isSafeInteger(id) || (Number.isFinite(id) && !Number.isInteger(id))
}

function invalid(message: string): MarketError {
  return new MarketError('INVALID_REQUEST', message)
}
