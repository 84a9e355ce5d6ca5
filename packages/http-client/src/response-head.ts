import { withoutBlanks } from './blanks.ts'

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
  if (!linesSyntax.test(lines)) return refused('a header line is not well formed')

  const status = Number(match[2])
  const isHttp11 = match[1] === '1'
  // Every value read here means the same in either case.
  const lower = lines.toLowerCase()
  const framing = framingOf(status, { lower, isHttp11 })
  if (typeof framing === 'string') return refused(framing)
  const encoding = encodingOf(valuesOf(lower, 'content-encoding'))
  if (encoding === undefined) return refused('the content encoding was not asked for')
  const keepAlive = framing.kind !== 'close' && keepsAlive(valuesOf(lower, 'connection'), isHttp11)
  return { ok: true, head: { status, lines, framing, keepAlive, encoding } }
}

/** Heads of one upstream are often the same as the one before: reading it once is enough. */
export class HeadMemo {
  #text = ''
  #parsed: ParsedHead | undefined

  parse(text: string): ParsedHead {
    if (this.#parsed === undefined || text !== this.#text) {
      this.#parsed = parseResponseHead(text)
      this.#text = text
    }
    return this.#parsed
  }
}

/** The first header of that name, whatever its case. `name` is in lower case. */
export function headerOf(lines: string, name: string): string | undefined {
  const at = lines.toLowerCase().indexOf(`\r\n${name}:`)
  return at === -1 ? undefined : valueAt(lines, at + name.length + 3)
}

const statusLineSyntax = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n\0]*)?$/
// Folded lines, bare line feeds and spaces before the colon do not match.
const linesSyntax = /^(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*)*$/
// Fifteen digits stay below the largest whole number that a double holds exactly.
const lengthSyntax = /^\d{1,15}$/

/** Values of a name that stands several times are joined by commas, as the protocol defines. */
function valuesOf(lower: string, name: string): string | undefined {
  const start = `\r\n${name}:`
  let at = lower.indexOf(start)
  if (at === -1) return undefined
  let values = valueAt(lower, at + start.length)
  while (true) {
    at = lower.indexOf(start, at + start.length)
    if (at === -1) return values
    values = `${values}, ${valueAt(lower, at + start.length)}`
  }
}

function valueAt(lines: string, start: number): string {
  const end = lines.indexOf('\r\n', start)
  return withoutBlanks(lines, start, end === -1 ? lines.length : end)
}

/** @returns The framing, or in words why there is none that every reader would agree on. */
function framingOf(
  status: number,
  { lower, isHttp11 }: { lower: string; isHttp11: boolean },
): BodyFraming | string {
  const transferEncoding = valuesOf(lower, 'transfer-encoding')
  const bytes = lengthOf(valuesOf(lower, 'content-length'))
  if (bytes === 'unclear') return 'the content-length is not one whole number'
  if (transferEncoding !== undefined) {
    if (bytes !== undefined) return 'content-length and transfer-encoding stand together'
    if (!isHttp11) return 'transfer-encoding in HTTP/1.0'
    if (transferEncoding !== 'chunked') return 'the transfer-encoding is not chunked'
  }
  if (status < 200 || status === 204 || status === 304 || bytes === 0) return { kind: 'none' }
  if (transferEncoding !== undefined) return { kind: 'chunked' }
  return bytes === undefined ? { kind: 'close' } : { kind: 'length', bytes }
}

function lengthOf(values: string | undefined): number | undefined | 'unclear' {
  if (values === undefined) return undefined
  if (lengthSyntax.test(values)) return Number(values)
  const [first = '', ...others] = values.split(',').map((value) => withoutBlanks(value))
  const isOne = lengthSyntax.test(first) && others.every((other) => other === first)
  return isOne ? Number(first) : 'unclear'
}

function encodingOf(values: string | undefined): ResponseHead['encoding'] | undefined {
  if (values === undefined || values === '' || values === 'identity') return 'identity'
  return values === 'gzip' || values === 'x-gzip' ? 'gzip' : undefined
}

function keepsAlive(values: string | undefined, isHttp11: boolean): boolean {
  if (values === undefined) return isHttp11
  const options = values.split(',').map((option) => withoutBlanks(option))
  return !options.includes('close') && (isHttp11 || options.includes('keep-alive'))
}

function refused(detail: string): ParsedHead {
  return { ok: false, detail }
}
