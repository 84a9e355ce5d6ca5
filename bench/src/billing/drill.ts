import { systemClock } from '@mooring/telemetry/clock'
import { seededRandom } from '@mooring/testkit/random'
import type { MeasureContext, Measured } from '../harness/measurement.ts'
import { readBooks, untilReturned } from './books.ts'
import { type BreakCounts, keepBreaking, noBreaks } from './breaks.ts'
import { Load } from './load.ts'
import { type Plan, price } from './plan.ts'
import { figuresOf, textOf } from './report.ts'
import { Slot } from './slot.ts'
import { type Verdict, verdictOf } from './verdict.ts'
import { startWorld, type World } from './world.ts'

const progressMs = 5_000
/** Until everything that was written down is in the books. */
const postedTimeoutMs = 60_000

export type Drilled = { verdict: Verdict; counts: BreakCounts; seconds: number }

/** Breaks everything that keeps books while consumers pay for requests, and compares what they got with what they paid. */
export async function drillBilling(plan: Plan, context: MeasureContext): Promise<Measured> {
  const drilled = await drill(plan, context)
  const { figures, text } = { figures: figuresOf(drilled), text: textOf(drilled) }
  return { figures, text, broken: drilled.verdict.broken }
}

export async function drill(plan: Plan, context: MeasureContext): Promise<Drilled> {
  await using world = await startWorld(plan, context)
  await using stack = new AsyncDisposableStack()
  const [customers, slots] = await Promise.all([
    world.openAccounts(),
    Promise.all(
      Array.from({ length: plan.gateways }, async (_, at) =>
        stack.use(await startSlot(world, `gw-${at + 1}`, context.signal)),
      ),
    ),
  ])
  const load = new Load(customers)
  for (const customer of customers) {
    for (const slot of slots) {
      for (let at = 0; at < plan.connectionsEach; at++) load.add(customer, slot)
    }
  }
  const counts = noBreaks()
  const startMs = performance.now()
  try {
    await breakUnderLoad({ plan, world, slots, load, counts, context })
  } finally {
    await load.end()
  }
  const seconds = (performance.now() - startMs) / 1_000
  context.signal.throwIfAborted()
  context.say(`${load.sent} requests in ${seconds.toFixed(0)} s; waiting until all logs are told …`)
  const untold = await endAll(slots)
  await untilReturned(world.ledger, { plan, signal: context.signal })
  const verdict = verdictOf(load.tallies, await readBooks(world.ledger), price)
  verdict.broken.push(...untold)
  return { verdict, counts, seconds }
}

function startSlot(
  { folder, gatewayConfig: config, ledger: { billing } }: World,
  name: string,
  signal: AbortSignal,
): Promise<Slot> {
  return Slot.start({ name, folder, config, billing, signal })
}

async function breakUnderLoad({
  plan,
  world: { ledger },
  slots,
  load,
  counts,
  context: { signal, say },
}: {
  plan: Plan
  world: World
  slots: readonly Slot[]
  load: Load
  counts: BreakCounts
  context: MeasureContext
}): Promise<void> {
  const ended = new AbortController()
  const random = seededRandom(plan.seed)
  const broken = { slots, ledger, plan, random, counts, say }
  const breaking = keepBreaking({ ...broken, signal: AbortSignal.any([signal, ended.signal]) })
  const startMs = performance.now()
  const isOver = () => {
    const seconds = (performance.now() - startMs) / 1_000
    if (signal.aborted || seconds >= plan.secondsMax) return true
    return load.sent >= plan.requests && seconds >= plan.secondsMin
  }
  const telling = tellProgress(load, { plan, counts, say, signal: ended.signal })
  try {
    if (!('everyMs' in plan.steps)) await breaking
    while (!isOver()) {
      // What broke for good is told at once.
      await Promise.race([systemClock.sleep(100), breaking])
    }
  } finally {
    ended.abort()
    await Promise.all([breaking, telling])
  }
}

async function tellProgress(
  load: Load,
  {
    plan,
    counts,
    say,
    signal,
  }: { plan: Plan; counts: BreakCounts; say: (message: string) => void; signal: AbortSignal },
): Promise<void> {
  const startMs = performance.now()
  for (let before = 0; ; before = load.sent) {
    await systemClock.sleep(progressMs, signal)
    if (signal.aborted) return
    const rate = ((load.sent - before) / progressMs) * 1_000
    const words = Object.entries(counts).flatMap(([name, count]) =>
      count > 0 ? `${count} ${name}` : [],
    )
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(0)
    say(`${seconds} s: ${load.sent} of ${plan.requests}, ${rate.toFixed(0)}/s; ${words.join(', ')}`)
  }
}

/** @returns A sentence for each gateway of which something is not in the books. */
async function endAll(slots: readonly Slot[]): Promise<string[]> {
  const untilMs = performance.now() + postedTimeoutMs
  const told = await Promise.all(
    slots.map(async (slot) => (await slot.untilPosted(untilMs)) && (await slot.end())),
  )
  return slots.flatMap(({ name }, at) =>
    told[at] ? [] : [`${name}: its log was not in the books in time`],
  )
}
