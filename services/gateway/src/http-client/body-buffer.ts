/**
 * The bytes of one body as they come in. The first piece is kept as it is, for most answers fit in
 * one; later ones are copied into one growing block, so that a body dripped byte by byte costs no
 * more memory than its length.
 */
export class BodyBuffer {
  #block: Buffer = empty
  #length = 0

  get length(): number {
    return this.#length
  }

  append(piece: Buffer): void {
    const length = this.#length + piece.length
    if (this.#length === 0) this.#block = piece
    else {
      if (length > this.#block.length) this.#grow(length)
      piece.copy(this.#block, this.#length)
    }
    this.#length = length
  }

  /** A view, valid until the next append. */
  bytes(): Buffer {
    return this.#block.subarray(0, this.#length)
  }

  #grow(length: number): void {
    const block = Buffer.allocUnsafe(Math.max(length, 2 * this.#block.length, blockBytesMin))
    this.#block.copy(block, 0, 0, this.#length)
    this.#block = block
  }
}

const empty = Buffer.alloc(0)
const blockBytesMin = 4_096
