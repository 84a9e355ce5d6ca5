import { BodyBuffer } from './body-buffer.ts'
import { ChunkedDecoder } from './chunked-decoder.ts'
import { type BodyFraming, HeadMemo, type ResponseHead } from './response-head.ts'

export type ParsedResponse = { head: ResponseHead; body: BodyBuffer }

export type ParseResult =
  /** More bytes are needed. */
  | { state: 'partial' }
  | { state: 'whole'; response: ParsedResponse }
  | { state: 'broken'; fault: 'malformed' | 'oversized'; detail: string }

/**
 * Reads one HTTP/1 response to a POST from any split of its bytes. Knows nothing of sockets or time,
 * and throws at no input.
 */
export class ResponseParser {
  readonly #bodyBytesMax: number
  readonly #headMemo: HeadMemo
  readonly #body = new BodyBuffer()
  /** Bytes of a head that has not ended yet. */
  #pending: Buffer | undefined
  #head: ResponseHead | undefined
  #chunks: ChunkedDecoder | undefined
  #interimHeads = 0
  #result: ParseResult = partial
  #leftover = false
  #started = false

  constructor(bodyBytesMax: number, headMemo = new HeadMemo()) {
    this.#bodyBytesMax = bodyBytesMax
    this.#headMemo = headMemo
  }

  /** Whether any byte came. */
  get started(): boolean {
    return this.#started
  }

  /** Whether bytes came that belong to no answer of ours: the connection is out of step. */
  get leftover(): boolean {
    return this.#leftover
  }

  push(bytes: Buffer): ParseResult {
    if (bytes.length === 0) return this.#result
    this.#started = true
    if (this.#result.state !== 'partial') this.#leftover = true
    else if (this.#head === undefined) this.#result = this.#takeHead(bytes)
    else this.#result = this.#takeBody(this.#head, bytes, 0)
    return this.#result
  }

  /** The upstream sends no more. Still `partial` means that the response was cut off. */
  end(): ParseResult {
    if (this.#result.state === 'partial' && this.#head?.framing.kind === 'close') {
      this.#result = this.#whole(this.#head)
    }
    return this.#result
  }

  #takeHead(news: Buffer): ParseResult {
    const bytes = this.#pending === undefined ? news : Buffer.concat([this.#pending, news])
    let start = 0
    while (true) {
      if (!startsAsHttp(bytes, start)) return malformed('the answer is not HTTP')
      const end = bytes.indexOf(emptyLine, start)
      const headBytes = (end === -1 ? bytes.length - emptyLine.length : end) - start
      if (headBytes > headBytesMax) return malformed(`the head is over ${headBytesMax} bytes`)
      if (end === -1) {
        this.#pending = start === 0 ? bytes : bytes.subarray(start)
        return partial
      }
      const parsed = this.#headMemo.parse(bytes.toString('latin1', start, end))
      if (!parsed.ok) return malformed(parsed.detail)
      start = end + emptyLine.length
      if (parsed.head.status >= 200) return this.#startBody(parsed.head, bytes, start)
      // No upgrade was asked for, so a switch of protocols leaves nothing that could be read.
      if (parsed.head.status === 101) return malformed('the upstream switched protocols')
      if (++this.#interimHeads > interimHeadsMax) return malformed('too many interim heads')
    }
  }

  #startBody(head: ResponseHead, bytes: Buffer, start: number): ParseResult {
    this.#pending = undefined
    this.#head = head
    if (head.framing.kind === 'length' && head.framing.bytes > this.#bodyBytesMax) {
      return this.#oversized()
    }
    if (head.framing.kind === 'chunked') {
      this.#chunks = new ChunkedDecoder(this.#body, this.#bodyBytesMax)
    }
    return this.#takeBody(head, bytes, start)
  }

  #takeBody(head: ResponseHead, bytes: Buffer, start: number): ParseResult {
    if (this.#chunks !== undefined) return this.#takeChunks(this.#chunks, bytes, start)
    const end = start + bytesWanted(head.framing) - this.#body.length
    if (bytes.length > end) this.#leftover = true
    this.#body.append(bytes, start, Math.min(end, bytes.length))
    if (this.#body.length > this.#bodyBytesMax) return this.#oversized()
    return bytes.length >= end ? this.#whole(head) : partial
  }

  #takeChunks(chunks: ChunkedDecoder, bytes: Buffer, start: number): ParseResult {
    const { step, end } = chunks.push(bytes, start)
    if (step === 'partial') return partial
    if (step === 'malformed') return malformed('the chunked body is not well formed')
    if (step === 'oversized') return this.#oversized()
    if (end < bytes.length) this.#leftover = true
    // Set before the first chunk.
    return this.#whole(this.#head!)
  }

  #whole(head: ResponseHead): ParseResult {
    return { state: 'whole', response: { head, body: this.#body } }
  }

  #oversized(): ParseResult {
    const detail = `the answer is longer than ${this.#bodyBytesMax} bytes`
    return { state: 'broken', fault: 'oversized', detail }
  }
}

const headBytesMax = 32_768
const interimHeadsMax = 8
const emptyLine = '\r\n\r\n'
const httpStart = Buffer.from('HTTP/')
const partial: ParseResult = { state: 'partial' }

function bytesWanted(framing: BodyFraming): number {
  if (framing.kind === 'length') return framing.bytes
  return framing.kind === 'close' ? Number.POSITIVE_INFINITY : 0
}

/** Tells at the first byte that another protocol speaks, instead of waiting for an end of its head. */
function startsAsHttp(bytes: Buffer, start: number): boolean {
  for (let at = 0; at < httpStart.length && start + at < bytes.length; at++) {
    if (bytes[start + at] !== httpStart[at]) return false
  }
  return true
}

function malformed(detail: string): ParseResult {
  return { state: 'broken', fault: 'malformed', detail }
}
