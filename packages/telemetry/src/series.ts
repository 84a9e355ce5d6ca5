/** One value for each label. */
export type LabelValues<L extends readonly string[]> = { [K in keyof L]: string }

/** What is kept of one meter for each combination of its labels' values. */
export class Series<T> {
  readonly #labels: readonly string[]
  readonly #create: () => T
  /** A map for each label, one in the other: no text is put together to find a value. */
  readonly #root = new Map<string, unknown>()
  readonly #all: [labels: string, value: T][] = []
  readonly #alone: T | undefined

  constructor(labels: readonly string[], create: () => T) {
    this.#labels = labels
    this.#create = create
    this.#alone = labels.length === 0 ? this.#add([]) : undefined
  }

  of(values: readonly string[]): T {
    if (this.#alone !== undefined) return this.#alone
    let level = this.#root
    const last = values.length - 1
    for (let at = 0; at < last; at++) {
      // As many values as labels are given, and maps lie in maps down to the last label.
      const value = values[at]!
      let next = level.get(value) as Map<string, unknown> | undefined
      if (next === undefined) {
        next = new Map()
        level.set(value, next)
      }
      level = next
    }
    const known = level.get(values[last]!) as T | undefined
    if (known !== undefined) return known
    const made = this.#add(values)
    level.set(values[last]!, made)
    return made
  }

  /** Each value with its labels as the exposition writes them, in the order of their first use. */
  all(): readonly [labels: string, value: T][] {
    return this.#all
  }

  #add(values: readonly string[]): T {
    const labels = this.#labels.map((label, at) => `${label}="${escaped(values[at] ?? '')}"`)
    const made = this.#create()
    this.#all.push([labels.join(','), made])
    return made
  }
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
