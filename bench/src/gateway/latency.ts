import { pinnedTo, runProgram } from '../harness/programs.ts'
import { type Figures, formatFigure } from '../harness/report.ts'
import { inRounds } from '../harness/rounds.ts'
import { medianOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'
import type { Latency } from '../load/latency-program.ts'
import { bunCommand } from '../servers/pinned-server.ts'
import { type Bench, loadCore, type Target } from './bench.ts'
import type { Plan } from './plan.ts'

const latencyProgram = '../load/latency-program.ts'

/** What the gateway, and HAProxy for comparison, add to the latency of the upstream at one rate. */
export async function measureLatency(
  bench: Bench,
  targets: { haproxy: Target; gateway: Target },
  { plan, ratePerSecond }: { plan: Plan; ratePerSecond: number },
): Promise<{ figures: Figures; text: string }> {
  const urls = {
    direct: bench.upstreamUrl,
    haproxy: targets.haproxy.url,
    gateway: targets.gateway.url,
  }
  const ways = ['direct', 'haproxy', 'gateway'] as const
  const runs = await inRounds(ways, plan.latencyRounds, async (way, round) => {
    const seconds = plan.latencySeconds
    const latency = await measureOnce(urls[way], { seconds, ratePerSecond }, bench)
    const [p50, p99] = [latency.p50Ms, latency.p99Ms].map((ms) => ms.toFixed(2))
    bench.say(
      `latency at ${Math.round(ratePerSecond)} per second, round ${round + 1}: ${way}: ${p50} / ${p99} ms`,
    )
    return latency
  })
  const medians = new Map(
    ways.map((way) => {
      const latencies = runs.get(way) ?? []
      const p50Ms = medianOf(latencies.map((latency) => latency.p50Ms))
      const p99Ms = medianOf(latencies.map((latency) => latency.p99Ms))
      return [way, { p50Ms, p99Ms }]
    }),
  )
  return latencyOf(medians, ratePerSecond)
}

async function measureOnce(
  url: string,
  { seconds, ratePerSecond }: { seconds: number; ratePerSecond: number },
  { numbers, signal }: Bench,
): Promise<Latency> {
  const first = numbers.take(Math.ceil(ratePerSecond * seconds))
  const args = ['--url', url, '--rate', String(ratePerSecond), '--seconds', String(seconds)]
  const command = bunCommand(latencyProgram, [...args, '--first-block', String(first)])
  const timeoutMs = (seconds + 30) * 1_000
  const { stdout } = await runProgram({ command: pinnedTo(loadCore, command), timeoutMs, signal })
  // Our own program writes this and nothing else.
  const latency = JSON.parse(stdout) as Latency
  if (latency.problems > 0) {
    throw new Error(
      `${latency.problems} requests to ${url} failed, such as: ${latency.firstProblem}`,
    )
  }
  return latency
}

type Way = 'direct' | 'haproxy' | 'gateway'

function latencyOf(
  medians: ReadonlyMap<Way, { p50Ms: number; p99Ms: number }>,
  ratePerSecond: number,
): { figures: Figures; text: string } {
  const direct = medians.get('direct') ?? { p50Ms: 0, p99Ms: 0 }
  const figures: Record<string, number> = { latencyRequestsPerSecond: Math.round(ratePerSecond) }
  const rows: string[][] = []
  for (const [way, { p50Ms, p99Ms }] of medians) {
    const added = { p50Ms: p50Ms - direct.p50Ms, p99Ms: p99Ms - direct.p99Ms }
    rows.push([way, ...[p50Ms, p99Ms, added.p50Ms, added.p99Ms].map((ms) => ms.toFixed(3))])
    const prefix = way === 'direct' ? 'directLatency' : `${way}Added`
    const told = way === 'direct' ? direct : added
    figures[`${prefix}P50Ms`] = Number(told.p50Ms.toFixed(3))
    figures[`${prefix}P99Ms`] = Number(told.p99Ms.toFixed(3))
  }
  const titles = ['', 'p50 ms', 'p99 ms', 'added p50 ms', 'added p99 ms']
  const text = `Latency at half of what the gateway can do, ${formatFigure(ratePerSecond)} requests a second, from when each was due
${figuresTable(titles, rows)}`
  return { figures, text }
}
