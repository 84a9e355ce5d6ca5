import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cpuSecondsOf } from '../harness/cpu-time.ts'
import type { MeasureContext, Measured } from '../harness/measurement.ts'
import { formatFigure } from '../harness/report.ts'
import { figuresTable } from '../harness/table.ts'
import { runWrk } from '../load/wrk.ts'
import { startPinnedGateway } from '../servers/gateway.ts'
import { loadCore, openBench, targetCore } from './bench.ts'
import { light } from './cases.ts'
import { type CpuProfile, selfTimesOf } from './self-time.ts'

const warmUpSeconds = 3
const loadSeconds = 8
const placesMax = 40
const intervalMicroseconds = 500

/** Where the gateway spends its time while it proxies answers of 1 KB. */
export async function measureProfile(context: MeasureContext): Promise<Measured> {
  await using bench = await openBench(context)
  const { folder, upstreamUrl, numbers, signal, say } = bench
  const file = join(folder, 'gateway.cpuprofile')
  const bunFlags = [
    '--cpu-prof',
    `--cpu-prof-dir=${folder}`,
    '--cpu-prof-name=gateway.cpuprofile',
    `--cpu-prof-interval=${intervalMicroseconds}`,
  ]
  const startedMs = performance.now()
  const gateway = await startPinnedGateway(
    { upstreamUrl, folder, bunFlags },
    { core: targetCore, signal },
  )
  await using child = gateway.child
  const load = (seconds: number) =>
    runWrk(gateway.url, light, { seconds, core: loadCore, numbers, signal })
  say('warming up')
  await load(warmUpSeconds)
  const fromMs = performance.now() - startedMs
  const before = await cpuSecondsOf(child.pid)
  say('profiling')
  const run = await load(loadSeconds)
  const rate = run.requests / ((await cpuSecondsOf(child.pid)) - before)
  await child.stop()
  // Bun writes this format.
  const profile = (await Bun.file(file).json()) as CpuProfile
  const root = pathToFileURL(`${resolve(import.meta.dir, '../../..')}/`).href
  const times = selfTimesOf(profile, { root, fromMs }).slice(0, placesMax)
  const rows = times.map(({ place, percent }) => [place, percent.toFixed(1)])
  const text = `Self time while proxying answers of 1 KB, of all samples taken in JavaScript and what it calls
${figuresTable(['function', '%'], rows)}
${formatFigure(rate)} requests per CPU-second with the profiler on.
`
  const figures = Object.fromEntries(
    times.map(({ place, percent }) => [`${place} selfTimePercent`, Number(percent.toFixed(2))]),
  )
  return {
    figures: { ...figures, profiledRequestsPerCpuSecond: Math.round(rate) },
    text,
    broken: [],
  }
}
