import { BodyBuffer } from '@mooring/http-client/body-buffer'
import { ChunkedDecoder } from '@mooring/http-client/chunked-decoder'
import { type HeadFlaw, parseRequestHead, type RequestHead } from './request-head.ts'

export type ReadStep =
  /** More bytes are needed. */
  | { state: 'partial' }
  /** The reader goes on when it is told what to do with the body. */
  | { state: 'head'; head: RequestHead }
  | { state: 'body'; text: string }
  /** The body grew over its limit: the rest of the connection cannot be read. */
  | { state: 'tooLarge' }
  | { state: 'broken'; status: HeadFlaw }

/**
 * Reads HTTP/1 requests one after the other from any split of their bytes. Knows nothing of sockets or
 * time, and throws at no input.
 */
export class RequestReader {
  #bytes: Buffer = noBytes
  #at = 0
  /** Up to here no end of a head was found. */
  #searched = 0
  #phase: 'head' | 'decision' | 'length' | 'chunked' | 'skip' | 'over' = 'head'
  #head: RequestHead | undefined
  #rest = 0
  #body = noBody
  #chunks: ChunkedDecoder | undefined
  /** A client sends the same head again and again on a connection: reading it once is enough. With its empty line. */
  #knownBytes = noBytes
  #knownHead: RequestHead | undefined

  /** Bytes that were received and not read yet. */
  get pendingBytes(): number {
    return this.#bytes.length - this.#at
  }

  /** How much has come of the body that is being read. */
  get bodyBytes(): number {
    return this.#body.length
  }

  /** Whether a request has begun that is not read to its end. */
  get isAmidRequest(): boolean {
    return this.#phase !== 'head' || this.pendingBytes > 0
  }

  push(bytes: Buffer): void {
    this.#bytes =
      this.pendingBytes === 0 ? bytes : Buffer.concat([this.#bytes.subarray(this.#at), bytes])
    this.#searched -= this.#at
    this.#at = 0
  }

  next(): ReadStep {
    switch (this.#phase) {
      case 'head':
        return this.#readHead()
      case 'length':
        return this.#readLength()
      case 'chunked':
        return this.#readChunks()
      case 'skip':
        return this.#skip()
      case 'decision':
      case 'over':
        return partial
    }
  }

  /** Reads the body of the head given last. */
  takeBody(bytesMax: number): void {
    const framing = this.#head?.framing
    this.#body = new BodyBuffer()
    if (framing?.kind === 'chunked') {
      this.#phase = 'chunked'
      this.#chunks = new ChunkedDecoder(this.#body, bytesMax)
    } else {
      this.#phase = 'length'
      this.#rest = framing?.bytes ?? 0
    }
  }

  /** Whether the body of the head given last is whole, so that it can be taken or skipped at once. */
  get isBodyHere(): boolean {
    const framing = this.#head?.framing
    return framing?.kind === 'length' && framing.bytes <= this.pendingBytes
  }

  /**
   * Passes over the body of the head given last.
   *
   * @returns False when there is no telling how much would have to be read for that, or it is too much.
   */
  skipBody(bytesMax: number): boolean {
    const framing = this.#head?.framing
    if (framing?.kind !== 'length' || framing.bytes > bytesMax) {
      this.#phase = 'over'
      return false
    }
    this.#rest = framing.bytes
    this.#phase = 'skip'
    return true
  }

  /** Gives up amid a body: the rest of the connection cannot be read. */
  dropBody(): void {
    this.#body = noBody
    this.#chunks = undefined
    this.#phase = 'over'
  }

  #readHead(): ReadStep {
    const bytes = this.#bytes
    // An empty line that an old client sends behind a body belongs to nothing.
    if (bytes[this.#at] === cr) {
      if (this.pendingBytes === 1) return partial
      if (bytes[this.#at + 1] === lf) this.#at += 2
    }
    if (this.pendingBytes === 0) return partial
    if (!startsAsRequest(bytes, this.#at)) return this.#break(400)
    if (this.#isKnownNext()) return this.#found(this.#at + this.#knownBytes.length)
    const from = Math.max(this.#at, this.#searched - 3)
    const end = bytes.indexOf(emptyLine, from, 'latin1')
    if ((end === -1 ? bytes.length : end) - this.#at > headBytesMax) return this.#break(431)
    if (end === -1) {
      this.#searched = bytes.length
      return partial
    }
    const head = parseRequestHead(bytes.toString('latin1', this.#at, end))
    if (typeof head === 'number') return this.#break(head)
    this.#knownBytes = Buffer.from(bytes.subarray(this.#at, end + emptyLine.length))
    this.#knownHead = head
    return this.#found(end + emptyLine.length)
  }

  /** Whether the head that was read last stands here again. Where it ends need not be looked for then. */
  #isKnownNext(): boolean {
    const end = this.#at + this.#knownBytes.length
    if (this.#knownHead === undefined || end > this.#bytes.length) return false
    return this.#knownBytes.compare(this.#bytes, this.#at, end) === 0
  }

  #found(end: number): ReadStep {
    // Set by whoever finds a head.
    const head = this.#knownHead!
    this.#at = end
    this.#searched = end
    this.#head = head
    this.#phase = 'decision'
    return { state: 'head', head }
  }

  #readLength(): ReadStep {
    const end = Math.min(this.#at + this.#rest, this.#bytes.length)
    this.#body.append(this.#bytes, this.#at, end)
    this.#rest -= end - this.#at
    this.#at = end
    return this.#rest > 0 ? partial : this.#whole()
  }

  #readChunks(): ReadStep {
    // Set with the phase.
    const { step, end } = this.#chunks!.push(this.#bytes, this.#at)
    this.#at = end
    if (step === 'partial') return partial
    if (step === 'whole') return this.#whole()
    if (step === 'malformed') return this.#break(400)
    this.#phase = 'over'
    return { state: 'tooLarge' }
  }

  #whole(): ReadStep {
    const text = this.#body.text()
    this.#body = noBody
    this.#chunks = undefined
    this.#phase = 'head'
    this.#searched = this.#at
    return { state: 'body', text: text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text }
  }

  #skip(): ReadStep {
    const skipped = Math.min(this.#rest, this.pendingBytes)
    this.#at += skipped
    this.#rest -= skipped
    if (this.#rest > 0) return partial
    this.#phase = 'head'
    this.#searched = this.#at
    return this.#readHead()
  }

  #break(status: HeadFlaw): ReadStep {
    this.#phase = 'over'
    return { state: 'broken', status }
  }
}

/** As much as the proxies in front of most servers take. */
const headBytesMax = 16_384
const emptyLine = '\r\n\r\n'
const cr = 13
const lf = 10
const byteOrderMark = 0xfeff
const noBytes = Buffer.alloc(0)
/** Stands where no body is read; nothing is ever put into it. */
const noBody = new BodyBuffer()
const partial: ReadStep = { state: 'partial' }

/** Tells at the first byte that another protocol speaks, instead of waiting for an end of its head. */
function startsAsRequest(bytes: Buffer, at: number): boolean {
  // At least one byte is there.
  const first = bytes[at]! | 32
  return first >= 97 && first <= 122
}
