import { withoutBlanks } from '@mooring/http-client/blanks'

/** What the head of an HTTP/1 request says. It is remembered and shared, so nobody may change it. */
export type RequestHead = {
  readonly method: string
  /** As received: a path in nearly every case. */
  readonly target: string
  readonly headers: RequestHeaders
  readonly framing: RequestFraming
  /** Whether the connection may carry another request after this one. */
  readonly keepAlive: boolean
  /** Whether the client waits for a word before it sends the body. */
  readonly expectsContinue: boolean
}

export type RequestFraming =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }

/** Names are in lower case; values of a name that stands several times are joined by a comma. */
export type RequestHeaders = { get(name: string): string | undefined }

/** A status without an answer of our own: what was sent is no HTTP that two readers would read alike. */
export type HeadFlaw = 400 | 431 | 501 | 505

/**
 * Parses a head strictly: wherever two readers could disagree on where the request ends, it is refused.
 *
 * @param text - From the request line to the last header, read as Latin-1, without the empty line.
 * @see RFC 9112, sections 3 and 6.3
 */
export function parseRequestHead(text: string): RequestHead | HeadFlaw {
  const lineEnd = text.indexOf('\r\n')
  const line = requestLine.exec(lineEnd === -1 ? text : text.slice(0, lineEnd))
  if (line === null) return 400
  const [, method = '', target = '', version = ''] = line
  if (!supportedVersion.test(version)) return 505
  const headers = headersOf(lineEnd === -1 ? '' : text.slice(lineEnd + 2))
  if (headers === undefined) return 400
  const framing = framingOf(headers, version)
  if (typeof framing === 'number') return framing
  const expect = headers.get('expect')?.toLowerCase()
  const options = headers.get('connection')?.toLowerCase()
  return {
    method,
    target,
    headers,
    framing,
    // Whoever speaks HTTP/1.0 is answered and let go.
    keepAlive: version === '1.1' && (options === undefined || !closeOption.test(options)),
    expectsContinue: expect === '100-continue' && version === '1.1',
  }
}

const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP\/(\d+\.\d+)$/
const supportedVersion = /^1\.[01]$/
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a value must not hold is control characters.
const valueFlaw = /[\0-\x08\x0a-\x1f\x7f]/
/** Fifteen digits stay below the largest whole number that a double holds exactly. */
const lengthSyntax = /^\d{1,15}$/
const closeOption = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/
const headersMax = 200

/** @returns Undefined where a line is folded, has no name, a space before its colon or a control character. */
function headersOf(lines: string): Map<string, string> | undefined {
  const headers = new Map<string, string>()
  if (lines === '') return headers
  const all = lines.split('\r\n', headersMax + 1)
  if (all.length > headersMax) return undefined
  for (const line of all) {
    const colon = line.indexOf(':')
    const given = line.slice(0, Math.max(0, colon))
    if (!headerName.test(given) || valueFlaw.test(line)) return undefined
    const name = given.toLowerCase()
    const value = withoutBlanks(line, colon + 1)
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return headers
}

function framingOf(headers: RequestHeaders, version: string): RequestFraming | HeadFlaw {
  const length = headers.get('content-length')
  const coding = headers.get('transfer-encoding')
  // A length that stands twice arrives as two with a comma, even where both say the same.
  if (length !== undefined && !lengthSyntax.test(length)) return 400
  if (coding === undefined) return { kind: 'length', bytes: Number(length ?? 0) }
  if (length !== undefined || version === '1.0') return 400
  return coding.toLowerCase() === 'chunked' ? { kind: 'chunked' } : 501
}
