/** Memory that all callers share, and of which none may have more than a part. */
export class SharedRoom {
  readonly #bytesMax: number
  readonly #partBytesMax: number
  readonly #byOwner = new Map<string, number>()
  #bytes = 0

  constructor({ bytesMax, partBytesMax }: { bytesMax: number; partBytesMax: number }) {
    this.#bytesMax = bytesMax
    this.#partBytesMax = partBytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether more is taken than there is. */
  get isOver(): boolean {
    return this.#bytes > this.#bytesMax
  }

  isOverPart(owner: string): boolean {
    return (this.#byOwner.get(owner) ?? 0) > this.#partBytesMax
  }

  /** Takes room, or gives it back where there are fewer than none; whether it was there is asked afterwards. */
  take(owner: string, bytes: number): void {
    const taken = (this.#byOwner.get(owner) ?? 0) + bytes
    this.#bytes += bytes
    if (taken > 0) this.#byOwner.set(owner, taken)
    else this.#byOwner.delete(owner)
  }
}
