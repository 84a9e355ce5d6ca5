import { busySecondsOf, cpuSecondsOf } from '../harness/cpu-time.ts'
import { type Figures, formatFigure } from '../harness/report.ts'
import { inRounds } from '../harness/rounds.ts'
import { medianOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'
import { runWrk } from '../load/wrk.ts'
import { type Bench, loadCore, type Target, targetCore } from './bench.ts'
import { type Case, cases, light } from './cases.ts'
import type { Plan } from './plan.ts'

/** A server with less to do than this is waiting for its load. */
const busyPercentMin = 85
/** A load that has more to do than this may be what the server waits for. */
const loadPercentMax = 95
/** More than this by others, of two processors, and a quiet machine would say something else. */
const othersPercentMax = 20

type CaseRun = {
  requestsPerCpuSecond: number
  requestsPerSecond: number
  /** Of its processor, by the server under test. */
  targetPercent: number
  /** Of the other processor, by load and upstream together. */
  loadPercent: number
  /** Of both, by whatever else runs on this machine. */
  othersPercent: number
}

export type Throughput = { figures: Figures; text: string; capacityPerSecond: number }

/** Measures every case in interleaved rounds. */
export async function measureThroughput(
  bench: Bench,
  targetOf: (caseName: string) => Target,
  plan: Plan,
): Promise<Throughput> {
  const { say } = bench
  for (const one of cases) {
    say(`warming up: ${one.title}`)
    await measureCase(one, targetOf(one.name), plan.warmUpSeconds, bench)
  }
  const runs = await inRounds(cases, plan.rounds, async (one, round) => {
    const run = await measureCase(one, targetOf(one.name), plan.loadSeconds, bench)
    const rate = formatFigure(run.requestsPerCpuSecond)
    say(`round ${round + 1} of ${plan.rounds}: ${one.title}: ${rate} requests per CPU-second`)
    return run
  })
  const medians = new Map([...runs].map(([one, each]) => [one, medianRun(each)]))
  return throughputOf(medians)
}

async function measureCase(
  { asks, title }: Case,
  { children, url }: Target,
  seconds: number,
  { upstream, numbers, signal }: Bench,
): Promise<CaseRun> {
  const cores = [targetCore, loadCore]
  const targetSeconds = async () => {
    const each = await Promise.all(children.map(({ pid }) => cpuSecondsOf(pid)))
    return each.reduce((sum, seconds) => sum + seconds, 0)
  }
  const read = () =>
    Promise.all([targetSeconds(), cpuSecondsOf(upstream.pid), busySecondsOf(cores)])
  const before = await read()
  const startedMs = performance.now()
  const run = await runWrk(url, asks, { seconds, core: loadCore, numbers, signal }).catch(
    (cause) => {
      throw new Error(`${title}: ${cause.message}`, { cause })
    },
  )
  const tookSeconds = (performance.now() - startedMs) / 1_000
  const after = await read()
  const target = after[0] - before[0]
  const load = run.cpuSeconds + after[1] - before[1]
  const others = Math.max(0, after[2] - before[2] - target - load)
  return {
    requestsPerCpuSecond: run.requests / target,
    requestsPerSecond: run.requests / run.tookSeconds,
    targetPercent: (100 * target) / tookSeconds,
    loadPercent: (100 * load) / tookSeconds,
    othersPercent: (100 * others) / tookSeconds,
  }
}

function medianRun(runs: readonly CaseRun[]): CaseRun {
  const median = (member: keyof CaseRun) => medianOf(runs.map((run) => run[member]))
  return {
    requestsPerCpuSecond: median('requestsPerCpuSecond'),
    requestsPerSecond: median('requestsPerSecond'),
    targetPercent: median('targetPercent'),
    loadPercent: median('loadPercent'),
    othersPercent: median('othersPercent'),
  }
}

function throughputOf(medians: ReadonlyMap<Case, CaseRun>): Throughput {
  const named = new Map([...medians].map(([one, run]) => [one.name, run]))
  const rateOf = (name: string) => named.get(name)?.requestsPerCpuSecond ?? Number.NaN
  const figures: Record<string, number> = {}
  const rows: string[][] = []
  for (const [{ name, title, mark }, run] of medians) {
    const ratio = run.requestsPerCpuSecond / rateOf(mark)
    figures[`${name}RequestsPerCpuSecond`] = Math.round(run.requestsPerCpuSecond)
    if (name !== mark) figures[`${name}ToHaproxyRatio`] = Number(ratio.toFixed(3))
    const numbers = [run.requestsPerCpuSecond, ratio, run.requestsPerSecond].map(formatFigure)
    const percents = [run.targetPercent, run.loadPercent, run.othersPercent].map((percent) =>
      percent.toFixed(0),
    )
    rows.push([title, ...numbers, ...percents])
  }
  const titles = [
    '',
    'per CPU-second',
    '× HAProxy',
    'per second',
    'core 0 %',
    'core 1 %',
    'others %',
  ]
  const text = `Requests at ${light.connections} connections where nothing else is said, each item of a batch counted
${figuresTable(titles, rows)}
core 0: the server under test alone. core 1: wrk and the static upstream. others: everything else, on both.
${loadNote(medians)}
`
  return { figures, text, capacityPerSecond: rateOf('proxied1Kb') }
}

/** Time not used is not counted, so a server that waits is measured too, only less sharply. */
function loadNote(medians: ReadonlyMap<Case, CaseRun>): string {
  const runs = [...medians]
  const waiting = runs.filter(
    ([, run]) => run.targetPercent < busyPercentMin || run.loadPercent > loadPercentMax,
  )
  if (waiting.length === 0) return 'Every server was busy: neither of the two was the limit.'
  const titles = waiting.map(([{ title }]) => title).join('; ')
  const disturbed = runs.filter(([, run]) => run.othersPercent > othersPercentMax).length
  const why =
    disturbed === 0
      ? 'held back by core 1'
      : `held back by core 1 or by others, who disturbed ${disturbed} of ${runs.length} cases`
  return `Not kept busy, ${why}, and measured by the time they did use: ${titles}.`
}
