/** Frames that are sent to witnesses together: the last of them, and their text. */
export type KeptGroup = { last: number; text: string }

/** Letters of frames that one request holds, unless a single frame has more. */
const parcelLengthMax = 4 * 1_048_576

/** Frames that are not in the books, in their order: a witness that has lost its copy is sent them again. */
export class KeptFrames {
  readonly #lengthMax: number
  #groups: KeptGroup[] = []
  #length = 0

  /** @param lengthMax - Letters kept, at most. */
  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax
  }

  /** Throws where too much waits for the books. @param last - Number of the last frame of the text. */
  add(text: string, last: number): void {
    if (this.#length + text.length > this.#lengthMax) {
      throw Object.assign(new Error('too much waits for the books'), { code: 'COPIES_FULL' })
    }
    this.#length += text.length
    if (text.length <= parcelLengthMax) {
      this.#groups.push({ last, text })
      return
    }
    const lines = text.split(/(?<=\n)/)
    for (const [at, line] of lines.entries()) {
      this.#groups.push({ last: last - lines.length + 1 + at, text: line })
    }
  }

  /** The first frames after `last`, as many as a request holds; undefined where there are none. */
  after(last: number): KeptGroup | undefined {
    const first = this.#groups.findIndex((group) => group.last > last)
    if (first < 0) return undefined
    const texts: string[] = []
    let length = 0
    let reached = last
    for (const group of this.#groups.slice(first)) {
      if (texts.length > 0 && length + group.text.length > parcelLengthMax) break
      texts.push(group.text)
      length += group.text.length
      reached = group.last
    }
    return { last: reached, text: texts.join('') }
  }

  /** Frames up to `last` are no longer wanted. */
  dropUpTo(last: number): void {
    this.#keep(this.#groups.filter((group) => group.last > last))
  }

  /** Frames after `last` are void. */
  dropAfter(last: number): void {
    this.#keep(this.#groups.filter((group) => group.last <= last))
  }

  #keep(groups: KeptGroup[]): void {
    this.#groups = groups
    this.#length = groups.reduce((sum, { text }) => sum + text.length, 0)
  }
}
