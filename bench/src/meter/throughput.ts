import type { Customer } from '@mooring/testkit/economy/customers'
import type { World } from '../billing/world.ts'
import type { MeasureContext } from '../harness/measurement.ts'
import { type Figures, formatFigure } from '../harness/report.ts'
import { type Interval, intervalOf, medianOf, rangeOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'
import { costAim, ratioAim, verdictOf } from './aims.ts'
import { type Ask, asked, connections, type Each, startPair } from './pair.ts'
import type { Plan } from './plan.ts'

const asks = ['cached', 'proxied'] as const

/** One after the other, of one pair of processes. */
type Slices = readonly Each<number>[]

/**
 * A gateway that charges what it answers beside one that does not: processor time for a request of each. How code is
 * compiled and memory laid out differs from process to process, so several pairs are started.
 */
export async function measureThroughput(
  world: World,
  customers: readonly Customer[],
  context: MeasureContext & { plan: Plan },
): Promise<{ figures: Figures; text: string }> {
  const figures: Record<string, number> = {}
  const rows: string[][] = []
  const verdicts: string[] = []
  for (const ask of asks) {
    const pairs: Slices[] = []
    for (let at = 0; at < context.plan.pairs; at++) {
      pairs.push(await measurePair(world, customers, { ask, at, ...context }))
    }
    const { medians, ratio, cost } = compared(pairs)
    const { plain, metered } = medians
    figures[`${ask}PlainPerCpuSecond`] = Math.round(1_000_000 / plain)
    figures[`${ask}MeteredPerCpuSecond`] = Math.round(1_000_000 / metered)
    Object.assign(figures, namedFigures(`${ask}MeteredToPlain`, 'Ratio', ratio, 1))
    Object.assign(figures, namedFigures(`${ask}MeterCost`, 'Ms', cost, 1_000))
    const title = asked[ask].title
    rows.push([title, ...[plain, metered].map(formatFigure), rangeOf(cost), rangeOf(ratio, 3)])
    verdicts.push(`${title}: ${verdictOf(costAim, cost)}; ${verdictOf(ratioAim, ratio)}.`)
  }
  const titles = ['', 'µs without a meter', 'µs with it', 'µs more', 'throughput left']
  const text = `Processor time of a gateway for a request, ${connections} connections with a key each request
${figuresTable(titles, rows)}
Both at once on one processor. In brackets: where the median is, with 95 % confidence.
${verdicts.join('\n')}
`
  return { figures, text }
}

async function measurePair(
  world: World,
  customers: readonly Customer[],
  { ask, at, plan, signal, say }: MeasureContext & { ask: Ask; at: number; plan: Plan },
): Promise<Slices> {
  await using pair = await startPair(world, customers, { name: `${ask}-${at}`, ask, signal })
  say(`warming up: ${ask}, pair ${at + 1} of ${plan.pairs}`)
  await pair.load(plan.warmUpSeconds)
  const slices: Each<number>[] = []
  for (let slice = 0; slice < plan.slices; slice++) slices.push(await pair.load(plan.sliceSeconds))
  const { plain, metered } = compared([slices]).medians
  say(`${ask}, pair ${at + 1}: ${formatFigure(plain)} µs plain, ${formatFigure(metered)} metered`)
  return slices
}

function compared(pairs: readonly Slices[]) {
  const all = pairs.flat()
  const medians: Each<number> = {
    plain: medianOf(all.map(({ plain }) => plain)),
    metered: medianOf(all.map(({ metered }) => metered)),
  }
  const each = (of: (slice: Each<number>) => number) =>
    intervalOf(pairs.map((slices) => slices.map(of)))
  return {
    medians,
    ratio: each(({ plain, metered }) => plain / metered),
    cost: each(({ plain, metered }) => metered - plain),
  }
}

function namedFigures(
  name: string,
  unit: string,
  { median, low, high }: Interval,
  scale: number,
): Figures {
  return {
    [`${name}${unit}`]: median / scale,
    [`${name}Low${unit}`]: low / scale,
    [`${name}High${unit}`]: high / scale,
  }
}
