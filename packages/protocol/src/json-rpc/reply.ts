import { isDeeperThan, sliceMember } from '../json-text.ts'
import {
  endOfPlainValue,
  isPlain,
  plainLastItemAt,
  plainMembersAt,
  skipSpace,
} from '../plain-json.ts'

/** An answer from a node, with its result or error data kept as the bytes it came in. */
export type RpcReply =
  | ({ kind: 'result' } & ResultText)
  | { kind: 'error'; code: number; message: string; dataJson: string | undefined }
  | { kind: 'malformed'; detail: string }
  /** Nested deeper than may be read, as an honest trace can be. */
  | { kind: 'tooDeep' }

/** A result, parsed as far as somebody looks at it: for most answers nobody does. */
export type ResultText = {
  resultJson: string
  /** The whole value. */
  readonly result: unknown
  /**
   * The value, but of an object only the members that were asked for, and of an array only the last item:
   * parsing a large one costs more than all else that is done for it.
   */
  readonly outline: unknown
}

/**
 * Reads a node's answer to one request.
 *
 * Values are sliced out of the text instead of being written again: a number past 2^53 or an unusual
 * notation reaches the consumer as the node sent it.
 *
 * @param text - The whole HTTP body.
 * @param id - Id the request was sent with.
 * @param members - What the outline of an object has; without any there is none of an item either.
 */
export function parseReply(text: string, id: number, members?: readonly string[]): RpcReply {
  return (isPlain(text) ? parsePlain(text, id, members) : undefined) ?? parseAny(text, id)
}

const replyMembers = ['id', 'result', 'error'] as const
const resultPlace = 1

/** What nearly every node answers; undefined for all else, which is read with more care. */
function parsePlain(
  text: string,
  id: number,
  members: readonly string[] | undefined,
): RpcReply | undefined {
  let inside: Inside | undefined
  const found = plainMembersAt(text, skipSpace(text, 0), replyMembers, (_text, start, place) => {
    if (place !== resultPlace) return endOfPlainValue(text, start)
    inside = insideOf(text, start, members)
    return inside?.end ?? -1
  })
  if (found === undefined || skipSpace(text, found.end) !== text.length) return undefined
  const [givenId, resultJson, error] = found.values
  const isUsual = givenId === String(id) && (error === undefined || error === 'null')
  if (!isUsual || resultJson === undefined) return undefined
  return new PlainResult(resultJson, inside, members)
}

/** Looked at seldom and made for every answer, so it is no more than what it is read from. */
class PlainResult implements ResultText {
  readonly kind = 'result'
  readonly resultJson: string
  readonly #inside: Inside | undefined
  readonly #members: readonly string[] | undefined
  #read: { value: unknown } | undefined

  constructor(
    resultJson: string,
    inside: Inside | undefined,
    members: readonly string[] | undefined,
  ) {
    this.resultJson = resultJson
    this.#inside = inside
    this.#members = members
  }

  get result(): unknown {
    this.#read ??= { value: JSON.parse(this.resultJson) }
    return this.#read.value
  }

  get outline(): unknown {
    const { resultJson } = this
    const texts = this.#inside?.texts ?? []
    if (resultJson.startsWith('['))
      return texts.flatMap((text) => (text ? [plainValueOf(text)] : []))
    if (!resultJson.startsWith('{')) return this.result
    const outline: Record<string, unknown> = {}
    for (const [place, name] of (this.#members ?? []).entries()) {
      const text = texts[place]
      if (text !== undefined) outline[name] = plainValueOf(text)
    }
    return outline
  }
}

/** The value of a part of a plain text, in which a string is what stands between its quotes. */
function plainValueOf(text: string): unknown {
  return text.startsWith('"') ? text.slice(1, -1) : JSON.parse(text)
}

/** What the outline is made of: the texts of the wanted members, or of the last item. */
type Inside = { end: number; texts: readonly (string | undefined)[] }

function insideOf(
  text: string,
  start: number,
  members: readonly string[] | undefined,
): Inside | undefined {
  if (members !== undefined && text[start] === '{') {
    const found = plainMembersAt(text, start, members)
    return found && { end: found.end, texts: found.values }
  }
  if (members !== undefined && text[start] === '[') {
    const found = plainLastItemAt(text, start)
    return found && { end: found.end, texts: [found.item] }
  }
  return { end: endOfPlainValue(text, start), texts: [] }
}

function parseAny(text: string, id: number): RpcReply {
  if (isDeeperThan(text, answerDepthMax)) return { kind: 'tooDeep' }
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
  return { kind: 'result', result: value.result, outline: value.result, resultJson }
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
