/** What the head of an HTTP/1 response says about the bytes that follow it. */
export type ResponseHead = {
  status: number
  /** Header lines as received, each behind a CRLF; `headerOf` reads them. */
  lines: string
  framing: BodyFraming
  /** Whether the upstream would take another request on this connection. */
  keepAlive: boolean
  encoding: 'identity' | 'gzip'
}

export type BodyFraming =
  | { kind: 'none' }
  | { kind: 'length'; bytes: number }
  | { kind: 'chunked' }
  /** The body ends where the connection does. */
  | { kind: 'close' }

export type ParsedHead = { ok: true; head: ResponseHead } | { ok: false; detail: string }

/**
 * Parses a head strictly: wherever two readers could disagree on the length of the body, it is refused.
 *
 * @param text - From the status line to the last header, read as Latin-1, without the empty line.
 * @see RFC 9112, section 6.3
 */
export function parseResponseHead(text: string): ParsedHead {
  const statusEnd = text.indexOf('\r\n')
  const statusLine = statusEnd === -1 ? text : text.slice(0, statusEnd)
  const match = statusLineSyntax.exec(statusLine)
  if (match === null) return refused('the status line is not HTTP/1')
  const lines = statusEnd === -1 ? '' : text.slice(statusEnd)
  const fields = collectFields(lines)
  if (fields === undefined) return refused('a header line is not well formed')

  const status = Number(match[2])
  const framing = framingOf(status, { fields, isHttp10: match[1] === '0' })
  if (typeof framing === 'string') return refused(framing)
  const encoding = encodingOf(fields.contentEncoding)
  if (encoding === undefined) return refused('the content encoding was not asked for')
  const keepAlive = framing.kind !== 'close' && keepsAlive(fields.connection, match[1] === '1')
  return { ok: true, head: { status, lines, framing, keepAlive, encoding } }
}

/** The first header of that name, whatever its case. `name` is in lower case. */
export function headerOf(lines: string, name: string): string | undefined {
  const start = lines.toLowerCase().indexOf(`\r\n${name}:`)
  if (start === -1) return undefined
  const valueStart = start + name.length + 3
  const end = lines.indexOf('\r\n', valueStart)
  return lines.slice(valueStart, end === -1 ? undefined : end).trim()
}

/** Values of one name that stands several times are joined by commas, as the protocol defines. */
type Fields = {
  contentLength: string | undefined
  transferEncoding: string | undefined
  contentEncoding: string | undefined
  connection: string | undefined
}

const statusLineSyntax = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n\0]*)?$/
const nameSyntax = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const valueFlaw = /[\r\n\0]/
// Fifteen digits stay below the largest whole number that a double holds exactly.
const lengthSyntax = /^\d{1,15}$/

/** Folded lines, bare line feeds and spaces before the colon make the head malformed: undefined. */
function collectFields(lines: string): Fields | undefined {
  const fields: Fields = {
    contentLength: undefined,
    transferEncoding: undefined,
    contentEncoding: undefined,
    connection: undefined,
  }
  let at = 2
  while (at < lines.length) {
    const next = lines.indexOf('\r\n', at)
    const end = next === -1 ? lines.length : next
    const colon = lines.indexOf(':', at)
    if (colon === -1 || colon > end) return undefined
    const name = lines.slice(at, colon).toLowerCase()
    const value = lines.slice(colon + 1, end)
    if (!nameSyntax.test(name) || valueFlaw.test(value)) return undefined
    recordField(fields, name, value.trim())
    at = end + 2
  }
  return fields
}

function recordField(fields: Fields, name: string, value: string): void {
  const key = fieldNames.get(name)
  if (key === undefined) return
  const earlier = fields[key]
  fields[key] = earlier === undefined ? value : `${earlier}, ${value}`
}

const fieldNames = new Map<string, keyof Fields>([
  ['content-length', 'contentLength'],
  ['transfer-encoding', 'transferEncoding'],
  ['content-encoding', 'contentEncoding'],
  ['connection', 'connection'],
])

/** @returns The framing, or in words why there is none that every reader would agree on. */
function framingOf(
  status: number,
  { fields, isHttp10 }: { fields: Fields; isHttp10: boolean },
): BodyFraming | string {
  const { contentLength, transferEncoding } = fields
  if (transferEncoding !== undefined && contentLength !== undefined) {
    return 'content-length and transfer-encoding stand together'
  }
  const bytes = lengthOf(contentLength)
  if (bytes === 'unclear') return 'the content-length is not one whole number'
  if (status < 200 || status === 204 || status === 304) return { kind: 'none' }
  if (transferEncoding !== undefined) {
    if (isHttp10) return 'transfer-encoding in HTTP/1.0'
    if (transferEncoding.toLowerCase() !== 'chunked') return 'the transfer-encoding is not chunked'
    return { kind: 'chunked' }
  }
  if (bytes === undefined) return { kind: 'close' }
  return bytes === 0 ? { kind: 'none' } : { kind: 'length', bytes }
}

function lengthOf(contentLength: string | undefined): number | undefined | 'unclear' {
  if (contentLength === undefined) return undefined
  const [first = '', ...others] = contentLength.split(',').map((part) => part.trim())
  if (!lengthSyntax.test(first) || others.some((other) => other !== first)) return 'unclear'
  return Number(first)
}

function encodingOf(contentEncoding: string | undefined): ResponseHead['encoding'] | undefined {
  if (contentEncoding === undefined || contentEncoding === '') return 'identity'
  const name = contentEncoding.toLowerCase()
  if (name === 'identity') return 'identity'
  return name === 'gzip' || name === 'x-gzip' ? 'gzip' : undefined
}

function keepsAlive(connection: string | undefined, isHttp11: boolean): boolean {
  if (connection === undefined) return isHttp11
  const options = connection.toLowerCase().split(',')
  if (options.some((option) => option.trim() === 'close')) return false
  return isHttp11 || options.some((option) => option.trim() === 'keep-alive')
}

function refused(detail: string): ParsedHead {
  return { ok: false, detail }
}
