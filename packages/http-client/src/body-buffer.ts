/**
 * The bytes of one body as they come in. The first piece is kept where it is, for most answers fit in
 * one; later ones are copied into one growing block, so that a body dripped byte by byte costs no
 * more memory than its length. Pieces are given by their place: a view of each would cost more than
 * parsing it.
 */
export class BodyBuffer {
  #block: Buffer = empty
  #start = 0
  #length = 0
  #isOwn = false

  get length(): number {
    return this.#length
  }

  append(bytes: Buffer, start: number, end: number): void {
    if (start >= end) return
    if (this.#length === 0) {
      this.#block = bytes
      this.#start = start
    } else {
      this.#reserve(this.#length + end - start)
      bytes.copy(this.#block, this.#length, start, end)
    }
    this.#length += end - start
  }

  /** Bytes that are not UTF-8 become replacement characters. */
  text(): string {
    return this.#block.toString('utf8', this.#start, this.#start + this.#length)
  }

  /** A view, valid until the next append. */
  bytes(): Buffer {
    return this.#block.subarray(this.#start, this.#start + this.#length)
  }

  /** Makes room in a block of our own: that of the first piece belongs to whoever passed it. */
  #reserve(length: number): void {
    if (this.#isOwn && length <= this.#block.length) return
    const block = Buffer.allocUnsafe(Math.max(length, 2 * this.#length, blockBytesMin))
    this.#block.copy(block, 0, this.#start, this.#start + this.#length)
    this.#block = block
    this.#start = 0
    this.#isOwn = true
  }
}

const empty = Buffer.alloc(0)
const blockBytesMin = 4_096
