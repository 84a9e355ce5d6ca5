import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** A registry of Prometheus meters. Names end in their unit; labels stay few-valued. */
export type Meters = {
  counter<L extends string>(name: string, help: string, labels: readonly L[]): Counter<L>
  gauge<L extends string>(name: string, help: string, labels: readonly L[]): Gauge<L>
  histogram<L extends string>(
    name: string,
    help: string,
    options: { labels: readonly L[]; buckets: readonly number[] },
  ): Histogram<L>
  /** The Prometheus text exposition. */
  render(): Promise<string>
}

const units = /_(total|seconds|bytes|blocks|ratio|score|requests|connections|info|upstreams)$/

export function createMeters(): Meters {
  const registry = new Registry()
  const registers = [registry]
  return {
    counter: (name, help, labels) =>
      new Counter({ name: named(name), help, labelNames: [...labels], registers }),
    gauge: (name, help, labels) =>
      new Gauge({ name: named(name), help, labelNames: [...labels], registers }),
    histogram: (name, help, { labels, buckets }) =>
      new Histogram({
        name: named(name),
        help,
        labelNames: [...labels],
        buckets: [...buckets],
        registers,
      }),
    render: () => registry.metrics(),
  }
}

function named(name: string): string {
  if (!units.test(name)) throw new Error(`meter ${name} does not end in a unit`)
  return name
}
