import { leafBytes } from '@mooring/protocol/relays/receipts'

/** When a relay was served, and which method it was of, are kept as one number. */
const methodsMax = 4_096
const wordsEach = leafBytes / 4
const roomAtFirst = 256

/**
 * Relays of one session and chain that have no receipt yet. They come by the ten thousand each second, so a leaf is kept as
 * eight numbers in one long row, and found by 53 bits of it.
 */
export class ServedRelays {
  /** Places by the beginning of the leaf, oldest first. */
  readonly #places = new Map<number, number>()
  #words = new Uint32Array(roomAtFirst * wordsEach)
  #served = new Float64Array(roomAtFirst)
  readonly #free: number[] = []
  #used = 0

  get size(): number {
    return this.#places.size
  }

  /**
   * @param leaf - Eight numbers. Of two that begin alike, once in a thousand million sessions, the later one counts.
   * @param methodId - Of `MethodBook`.
   * @param atSeconds - By a clock that never steps back.
   */
  add(leaf: Uint32Array, methodId: number, atSeconds: number): void {
    const key = keyOf(leaf, 0)
    const place = this.#places.get(key) ?? this.#free.pop() ?? this.#newPlace()
    this.#places.set(key, place)
    this.#words.set(leaf, place * wordsEach)
    this.#served[place] = Math.floor(atSeconds) * methodsMax + methodId
  }

  /**
   * @param leaves - 32 bytes each.
   * @returns The numbers of their methods; undefined where one of them is no relay that waits for a receipt.
   */
  methodsOf(leaves: Uint8Array): number[] | undefined {
    const words = wordsOf(leaves)
    const methods: number[] = []
    for (let at = 0; at < words.length; at += wordsEach) {
      const place = this.#places.get(keyOf(words, at))
      if (place === undefined || !this.#isSame(words, at, place)) return undefined
      // Every place was written.
      methods.push(this.#served[place]! % methodsMax)
    }
    return methods
  }

  /** They have a receipt. */
  remove(leaves: Uint8Array): void {
    const words = wordsOf(leaves)
    for (let at = 0; at < words.length; at += wordsEach) this.#drop(keyOf(words, at))
  }

  /** Forgets what was served before that second. @returns How many. */
  forget(beforeSeconds: number): number {
    const limit = Math.floor(beforeSeconds) * methodsMax
    let count = 0
    for (const [key, place] of this.#places) {
      if (this.#served[place]! >= limit) break
      this.#drop(key)
      count++
    }
    return count
  }

  #drop(key: number): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    this.#places.delete(key)
    this.#free.push(place)
  }

  #newPlace(): number {
    if (this.#used === this.#served.length) {
      const [words, served] = [this.#words, this.#served]
      this.#words = new Uint32Array(words.length * 2)
      this.#words.set(words)
      this.#served = new Float64Array(served.length * 2)
      this.#served.set(served)
    }
    return this.#used++
  }

  #isSame(words: Uint32Array, at: number, place: number): boolean {
    const start = place * wordsEach
    for (let word = 0; word < wordsEach; word++) {
      if (words[at + word] !== this.#words[start + word]) return false
    }
    return true
  }
}

/** As many bits as a number holds exactly. */
function keyOf(words: Uint32Array, at: number): number {
  return words[at]! * 2 ** 21 + (words[at + 1]! >>> 11)
}

function wordsOf(leaves: Uint8Array): Uint32Array {
  const whole = leaves.byteOffset % 4 === 0 ? leaves : leaves.slice()
  return new Uint32Array(whole.buffer, whole.byteOffset, whole.length / 4)
}

/** What is known of a method of one chain. */
export type KnownMethod = { id: number; name: string; isRepeatable: boolean }

/** Numbers for the names of methods, so that a relay is kept as a number. */
export class MethodBook {
  readonly #byName = new Map<string, KnownMethod>()
  readonly #names: string[] = []
  readonly #mayRepeat: (name: string) => boolean

  constructor(mayRepeat: (name: string) => boolean) {
    this.#mayRepeat = mayRepeat
  }

  /** @returns Undefined once there are more names than any node has methods: they are made up by somebody. */
  of(name: string): KnownMethod | undefined {
    const known = this.#byName.get(name)
    if (known !== undefined || this.#names.length >= methodsMax) return known
    // Made anew, so that a name does not hold the whole body it was cut out of.
    const own = Buffer.from(name).toString()
    const method = { id: this.#names.length, name: own, isRepeatable: this.#mayRepeat(own) }
    this.#names.push(own)
    this.#byName.set(own, method)
    return method
  }

  nameOf(id: number): string {
    return this.#names[id] ?? ''
  }
}
