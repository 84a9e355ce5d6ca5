/** Latest answer times kept per method. */
const window = 64
/** Answers needed before a percentile means anything. */
const enough = 16
/** Methods told apart per upstream; the rest share one row, so that made-up names cannot fill memory. */
const methodsMax = 64
const theRest = '*'

/** Answer times of one upstream by method, for the moment when a hedge is worth it. */
export class LatencyBook {
  readonly #rows = new Map<string, Row>()

  record(method: string, tookMs: number): void {
    const row = this.#rowFor(method)
    row.times[row.seen % window] = tookMs
    row.seen++
    if (row.seen >= enough && row.seen % enough === 0) row.p95Ms = percentile95(row.times)
  }

  /** The 95th percentile in milliseconds, or undefined while too little was seen. */
  p95Ms(method: string): number | undefined {
    return (this.#rows.get(method) ?? this.#rows.get(theRest))?.p95Ms
  }

  #rowFor(method: string): Row {
    const known = this.#rows.get(method)
    if (known !== undefined) return known
    const name = this.#rows.size < methodsMax ? method : theRest
    const row = this.#rows.get(name) ?? { times: [], seen: 0, p95Ms: undefined }
    this.#rows.set(name, row)
    return row
  }
}

type Row = { times: number[]; seen: number; p95Ms: number | undefined }

function percentile95(times: readonly number[]): number | undefined {
  // As plain numbers they are sorted without calling back for each comparison.
  const sorted = Float64Array.from(times).sort()
  return sorted[Math.floor(sorted.length * 0.95)]
}
