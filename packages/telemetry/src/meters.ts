import { type LabelValues, Series } from './series.ts'

/**
 * A registry of Prometheus meters. Names end in their unit; labels stay few-valued. Values of labels are
 * given in the order in which the labels were named.
 */
export type Meters = {
  counter<const L extends readonly string[]>(name: string, help: string, labels: L): Counter<L>
  gauge<const L extends readonly string[]>(name: string, help: string, labels: L): Gauge<L>
  histogram<const L extends readonly string[]>(
    name: string,
    help: string,
    options: { labels: L; buckets: readonly number[] },
  ): Histogram<L>
  /** The Prometheus text exposition. */
  render(): string
}

export type Counter<L extends readonly string[]> = {
  inc(...labels: LabelValues<L>): void
  add(amount: number, ...labels: LabelValues<L>): void
}
export type Gauge<L extends readonly string[]> = {
  set(value: number, ...labels: LabelValues<L>): void
}
export type Histogram<L extends readonly string[]> = {
  observe(value: number, ...labels: LabelValues<L>): void
}

const units =
  /_(total|seconds|bytes|blocks|ratio|score|requests|answers|connections|info|upstreams|discrepancies|copies|deposits|epochs)$/

/**
 * Meters are read seldom and written several times for each request, so writing is a look-up and an
 * addition, and everything else is left to the reading.
 */
export function createMeters(): Meters {
  const meters: { name: string; head: string; lines: (name: string) => string[] }[] = []
  const add = (name: string, type: string, help: string) => (lines: (name: string) => string[]) => {
    if (!units.test(name)) throw new Error(`meter ${name} does not end in a unit`)
    if (meters.some((meter) => meter.name === name)) throw new Error(`meter ${name} stands twice`)
    meters.push({ name, head: `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`, lines })
  }
  const values = (labels: readonly string[]) => new Series(labels, () => ({ value: 0 }))
  const valueLines = (series: Series<{ value: number }>) => (name: string) =>
    series.all().map(([labels, { value }]) => `${name}${braced(labels)} ${numeral(value)}\n`)
  return {
    counter(name, help, labels) {
      const series = values(labels)
      add(name, 'counter', help)(valueLines(series))
      return {
        inc: (...given) => void series.of(given).value++,
        add(amount, ...given) {
          series.of(given).value += amount
        },
      }
    },
    gauge(name, help, labels) {
      const series = values(labels)
      add(name, 'gauge', help)(valueLines(series))
      return {
        set(value, ...given) {
          series.of(given).value = value
        },
      }
    },
    histogram(name, help, { labels, buckets }) {
      const counts = () => ({
        buckets: new Array<number>(buckets.length).fill(0),
        sum: 0,
        count: 0,
      })
      const series = new Series(labels, counts)
      add(
        name,
        'histogram',
        help,
      )((named) =>
        series.all().flatMap(([given, each]) => histogramLines(named, given, { each, buckets })),
      )
      return {
        observe(value, ...given) {
          const each = series.of(given)
          each.sum += value
          each.count++
          let at = 0
          while (at < buckets.length && !(value <= buckets[at]!)) at++
          if (at < buckets.length) each.buckets[at]!++
        },
      }
    },
    render: () => meters.map(({ name, head, lines }) => head + lines(name).join('')).join('\n'),
  }
}

type Counts = { buckets: readonly number[]; sum: number; count: number }

/** Each bucket holds all that is not above its bound, so they are summed up here. */
function histogramLines(
  name: string,
  labels: string,
  { each, buckets }: { each: Counts; buckets: readonly number[] },
): string[] {
  let below = 0
  const comma = labels === '' ? '' : `,${labels}`
  const lines = buckets.map((bound, at) => {
    below += each.buckets[at] ?? 0
    return `${name}_bucket{le="${numeral(bound)}"${comma}} ${below}\n`
  })
  return [
    ...lines,
    `${name}_bucket{le="+Inf"${comma}} ${each.count}\n`,
    `${name}_sum${braced(labels)} ${numeral(each.sum)}\n`,
    `${name}_count${braced(labels)} ${each.count}\n`,
  ]
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`
}

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
function numeral(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}
