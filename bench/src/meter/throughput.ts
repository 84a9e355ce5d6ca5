import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Child } from '@mooring/store/embedded/child'
import type { Customer } from '@mooring/testkit/economy/customers'
import type { World } from '../billing/world.ts'
import { loadCore, targetCore } from '../gateway/bench.ts'
import { cpuSecondsOf } from '../harness/cpu-time.ts'
import type { MeasureContext } from '../harness/measurement.ts'
import { type Figures, formatFigure } from '../harness/report.ts'
import { inRounds } from '../harness/rounds.ts'
import { medianOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'
import { BlockNumbers } from '../load/block-numbers.ts'
import { type Asks, runWrk } from '../load/wrk.ts'
import { startPinnedGateway } from '../servers/gateway.ts'
import type { Plan } from './plan.ts'

const connections = 64
const answerBytesMin = 1_200

const asked = {
  cached: { title: 'one request repeated, out of the cache', kind: 'repeated' },
  proxied: { title: 'another block each time, from the upstream', kind: 'light' },
} as const satisfies Record<string, { title: string; kind: Asks['kind'] }>
const askedNames = ['cached', 'proxied'] as const
const hosts = ['plain', 'metered'] as const

type Case = {
  ask: (typeof askedNames)[number]
  host: (typeof hosts)[number]
  child: Child
  url: string
}

/** A gateway that charges what it answers, beside one that does not: requests per CPU-second of each. */
export async function measureThroughput(
  world: World,
  customers: readonly Customer[],
  { plan, signal, say }: MeasureContext & { plan: Plan },
): Promise<{ figures: Figures; text: string }> {
  await using stack = new AsyncDisposableStack()
  const cases: Case[] = []
  for (const ask of askedNames) {
    for (const host of hosts) {
      // A server and an account for each, so that what one case teaches the compiler is not part of another.
      const gateway = await startOne(world, { host, name: `${host}-${ask}`, signal })
      stack.use(gateway.child)
      const url = `${gateway.url}/${customers[cases.length % customers.length]?.key}`
      cases.push({ ask, host, child: gateway.child, url })
    }
  }
  const numbers = new BlockNumbers()
  const run = async ({ ask, child, url }: Case, seconds: number) => {
    const asks: Asks = { kind: asked[ask].kind, requestsPerBatch: 1, connections, answerBytesMin }
    const before = await cpuSecondsOf(child.pid)
    const { requests } = await runWrk(url, asks, { seconds, core: loadCore, numbers, signal })
    return requests / ((await cpuSecondsOf(child.pid)) - before)
  }
  for (const one of cases) {
    say(`warming up: ${one.ask}, ${one.host}`)
    await run(one, plan.warmUpSeconds)
  }
  const measured = await inRounds(cases, plan.rounds, async (one, round) => {
    const rate = await run(one, plan.loadSeconds)
    say(`round ${round + 1} of ${plan.rounds}: ${one.ask}, ${one.host}: ${formatFigure(rate)}`)
    return rate
  })
  return throughputOf(cases, measured)
}

function throughputOf(
  cases: readonly Case[],
  measured: ReadonlyMap<Case, number[]>,
): { figures: Figures; text: string } {
  const ratesOf = (ask: string, host: string) => {
    const one = cases.find((each) => each.ask === ask && each.host === host)
    return (one && measured.get(one)) ?? []
  }
  const figures: Record<string, number> = {}
  const rows = askedNames.map((ask) => {
    const [plain, metered] = [ratesOf(ask, 'plain'), ratesOf(ask, 'metered')]
    // Of one round each, so that what disturbs a round disturbs both.
    const ratio = medianOf(metered.map((rate, round) => rate / (plain[round] ?? Number.NaN)))
    figures[`${ask}PlainPerCpuSecond`] = Math.round(medianOf(plain))
    figures[`${ask}MeteredPerCpuSecond`] = Math.round(medianOf(metered))
    figures[`${ask}MeteredToPlainRatio`] = Number(ratio.toFixed(3))
    const cost = 1_000_000 / medianOf(metered) - 1_000_000 / medianOf(plain)
    const numbers = [medianOf(plain), medianOf(metered), ratio, cost].map(formatFigure)
    return [asked[ask].title, ...numbers]
  })
  const titles = ['', 'without a meter', 'with it', 'ratio', 'µs more']
  const text = `Requests per CPU-second of a gateway, ${connections} connections with a key each request
${figuresTable(titles, rows)}
ratio: the median of rounds in which both were measured.
`
  return { figures, text }
}

async function startOne(
  { folder, ledger: { billing }, gatewayConfig }: World,
  { host, name, signal }: { host: Case['host']; name: string; signal: AbortSignal },
): Promise<{ child: Child; url: string }> {
  const own = join(folder, name)
  await mkdir(own)
  const meter = { billing, instance: name, directory: join(own, 'meter') }
  const config = host === 'metered' ? { ...gatewayConfig, meter } : gatewayConfig
  return await startPinnedGateway({ folder: own, config }, { core: targetCore, signal })
}
