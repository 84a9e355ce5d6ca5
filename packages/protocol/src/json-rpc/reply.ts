import { isDeeperThan, sliceMember } from '../json-text.ts'

/** An answer from a node, with its result or error data kept as the bytes it came in. */
export type RpcReply =
  | { kind: 'result'; result: unknown; resultJson: string }
  | { kind: 'error'; code: number; message: string; dataJson: string | undefined }
  | { kind: 'malformed'; detail: string }

/**
 * Reads a node's answer to one request.
 *
 * Values are sliced out of the text instead of being written again: a number past 2^53 or an unusual
 * notation reaches the consumer as the node sent it.
 *
 * @param text - The whole HTTP body.
 * @param id - Id the request was sent with.
 */
export function parseReply(text: string, id: number): RpcReply {
  if (isDeeperThan(text, answerDepthMax)) return malformed('it is nested too deeply')
  const value = parseObject(text)
  if (value === undefined) return malformed('it is not a JSON object')
  if (value.error !== undefined && value.error !== null) {
    // A node that could not read the request has no id to give back.
    const isOurs = value.id === id || value.id === null || value.id === undefined
    return isOurs
      ? parseErrorMember(value.error, text)
      : malformed('it carries the id of another request')
  }
  if (!Object.hasOwn(value, 'result')) return malformed('it has neither result nor error')
  if (value.id !== id) return malformed('it carries the id of another request')
  const resultJson = sliceMember(text, 'result')
  if (resultJson === undefined) return malformed('its result cannot be read')
  return { kind: 'result', result: value.result, resultJson }
}

function parseErrorMember(error: unknown, text: string): RpcReply {
  // Some nodes send the error as bare text.
  if (typeof error === 'string') {
    return { kind: 'error', code: defaultCode, message: error, dataJson: undefined }
  }
  if (typeof error !== 'object' || error === null) return malformed('its error is not an object')
  const { code, message, data } = error as Record<string, unknown>
  const errorJson = data === undefined ? undefined : sliceMember(text, 'error')
  return {
    kind: 'error',
    code: typeof code === 'number' && Number.isSafeInteger(code) ? code : defaultCode,
    message: typeof message === 'string' ? message : 'an error without a message',
    dataJson: errorJson === undefined ? undefined : sliceMember(errorJson, 'data'),
  }
}

const defaultCode = -32000

/** A trace nests two levels for each of at most 1,024 calls; deeper answers are made to hurt a parser. */
const answerDepthMax = 4_096

function malformed(detail: string): RpcReply {
  return { kind: 'malformed', detail }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    // An object of JSON.parse has string keys only.
    return value as Record<string, unknown>
  } catch {
    return undefined
  }
}
