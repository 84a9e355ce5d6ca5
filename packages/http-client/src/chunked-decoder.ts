import type { BodyBuffer } from './body-buffer.ts'

export type ChunkedStep = 'partial' | 'whole' | 'malformed' | 'oversized'

type Place =
  | 'sizeStart'
  | 'size'
  | 'sizeBlank'
  | 'extension'
  | 'sizeEnd'
  | 'data'
  | 'dataEnd'
  | 'dataEndLf'
  | 'trailerStart'
  | 'trailer'
  | 'trailerEnd'
  | 'bodyEnd'

/**
 * Takes the framing off a chunked body, from any split of its bytes. Extensions are ignored and
 * trailers skipped: nothing of ours reads them, and both are bounded.
 *
 * @see RFC 9112, section 7.1
 */
export class ChunkedDecoder {
  readonly #body: BodyBuffer
  readonly #bodyBytesMax: number
  #place: Place = 'sizeStart'
  /** Bytes of the current chunk still to come. */
  #rest = 0
  /** Bytes of the current size line, or of all trailers. */
  #lineBytes = 0

  constructor(body: BodyBuffer, bodyBytesMax: number) {
    this.#body = body
    this.#bodyBytesMax = bodyBytesMax
  }

  /** @returns The step reached, and where the bytes of this body end. */
  push(bytes: Buffer, start: number): { step: ChunkedStep; end: number } {
    let at = start
    while (at < bytes.length) {
      if (this.#place === 'data') {
        at = this.#takeData(bytes, at)
        continue
      }
      // Inside the bounds, as the loop's condition says.
      const step = this.#takeFraming(bytes[at++]!)
      if (step !== 'partial') return { step, end: at }
    }
    return { step: 'partial', end: at }
  }

  #takeData(bytes: Buffer, at: number): number {
    const end = Math.min(at + this.#rest, bytes.length)
    this.#body.append(bytes, at, end)
    this.#rest -= end - at
    if (this.#rest === 0) this.#place = 'dataEnd'
    return end
  }

  #takeFraming(byte: number): ChunkedStep {
    if (++this.#lineBytes > lineBytesMax) return 'malformed'
    switch (this.#place) {
      case 'sizeStart':
      case 'size':
        return this.#takeSize(byte)
      case 'sizeBlank':
        return this.#endSize(byte)
      case 'extension':
        if (byte === cr) return this.#move('sizeEnd')
        return byte === lf ? 'malformed' : 'partial'
      case 'sizeEnd':
        if (byte !== lf) return 'malformed'
        this.#lineBytes = 0
        return this.#move(this.#rest === 0 ? 'trailerStart' : 'data')
      case 'dataEnd':
        return byte === cr ? this.#move('dataEndLf') : 'malformed'
      case 'dataEndLf':
        this.#lineBytes = 0
        return byte === lf ? this.#move('sizeStart') : 'malformed'
      case 'trailerStart':
        if (byte === cr) return this.#move('bodyEnd')
        return byte === lf ? 'malformed' : this.#move('trailer')
      case 'trailer':
        if (byte === cr) return this.#move('trailerEnd')
        return byte === lf ? 'malformed' : 'partial'
      case 'trailerEnd':
        return byte === lf ? this.#move('trailerStart') : 'malformed'
      case 'bodyEnd':
        return byte === lf ? 'whole' : 'malformed'
      case 'data':
        throw new Error('data is not framing')
    }
  }

  #takeSize(byte: number): ChunkedStep {
    const digit = hexDigitOf(byte)
    if (digit !== -1) {
      this.#rest = this.#rest * 16 + digit
      const isOver = this.#body.length + this.#rest > this.#bodyBytesMax
      return isOver ? 'oversized' : this.#move('size')
    }
    if (this.#place === 'sizeStart') return 'malformed'
    return this.#endSize(byte)
  }

  /** Blanks may stand behind a size, but no word: only a semicolon begins an extension. */
  #endSize(byte: number): ChunkedStep {
    if (byte === cr) return this.#move('sizeEnd')
    if (byte === semicolon) return this.#move('extension')
    return byte === space || byte === tab ? this.#move('sizeBlank') : 'malformed'
  }

  #move(place: Place): ChunkedStep {
    this.#place = place
    return 'partial'
  }
}

const cr = 13
const lf = 10
const tab = 9
const space = 32
const semicolon = 59
const lineBytesMax = 8_192

/** @returns The digit's value, or -1 when the byte is none. */
function hexDigitOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  // The sixth bit is all that tells an upper-case letter from its lower-case one.
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
