import { type Figures, formatFigure } from '../harness/report.ts'
import { residentMibOf } from '../harness/resident-memory.ts'
import { figuresTable } from '../harness/table.ts'
import { runWrk } from '../load/wrk.ts'
import { type Bench, loadCore, type Target } from './bench.ts'
import { light } from './cases.ts'
import type { Plan } from './plan.ts'

/** One run of the load between two looks at the time. */
const runSecondsMax = 10

/**
 * Resident memory of a gateway as its first requests go through it, each for another block: what is
 * remembered of requests adds up.
 */
export async function measureMemory(
  bench: Bench,
  { children, url }: Target,
  { memoryAtRequests, memorySecondsMax }: Plan,
): Promise<{ figures: Figures; text: string }> {
  const residentMib = async () => {
    const each = await Promise.all(children.map(({ pid }) => residentMibOf(pid)))
    return each.reduce((sum, mib) => sum + mib, 0)
  }
  const endMs = performance.now() + memorySecondsMax * 1_000
  const atStartMib = await residentMib()
  const figures: Record<string, number> = { residentAtStartMib: Math.round(atStartMib) }
  const rows: string[][] = [['0', atStartMib.toFixed(0)]]
  let done = 0
  let perSecond = 10_000
  for (const { requests, name } of memoryAtRequests) {
    while (done < requests && performance.now() < endMs) {
      const seconds = Math.ceil(Math.min((requests - done) / perSecond, runSecondsMax))
      const run = await runWrk(url, light, { ...bench, seconds, core: loadCore })
      done += run.requests
      perSecond = run.requests / run.tookSeconds
      bench.say(`memory: ${formatFigure(done)} requests so far`)
    }
    if (done < requests) {
      bench.say(`memory at ${name} requests is left out: it would take too long on this machine`)
      break
    }
    const mib = await residentMib()
    figures[`residentAt${name}RequestsMib`] = Math.round(mib)
    rows.push([formatFigure(done), mib.toFixed(0)])
  }
  const text = `Resident memory of a gateway from its first request on, each for another block
${figuresTable(['requests', 'MiB'], rows)}`
  return { figures, text }
}
