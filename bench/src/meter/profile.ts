import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Customer } from '@mooring/testkit/economy/customers'
import type { World } from '../billing/world.ts'
import { type CpuProfile, selfTimesOf } from '../gateway/self-time.ts'
import type { MeasureContext } from '../harness/measurement.ts'
import type { Figures } from '../harness/report.ts'
import { figuresTable } from '../harness/table.ts'
import { type Ask, asked, type Each, type Host, startPair } from './pair.ts'

const warmUpSeconds = 4
const loadSeconds = 12
const placesMax = 16
const intervalMicroseconds = 250
const fileName = 'gateway.cpuprofile'

/** Where a gateway that charges spends more than one that does not. */
export async function measureProfile(
  world: World,
  customers: readonly Customer[],
  context: MeasureContext,
): Promise<{ figures: Figures; text: string }> {
  const texts: string[] = []
  for (const ask of ['cached', 'proxied'] as const) {
    texts.push(await profileOf(world, customers, { ...context, ask }))
  }
  return { figures: {}, text: texts.join('\n') }
}

async function profileOf(
  world: World,
  customers: readonly Customer[],
  { ask, signal, say }: MeasureContext & { ask: Ask },
): Promise<string> {
  const bunFlags = (folder: string) => [
    '--cpu-prof',
    `--cpu-prof-dir=${folder}`,
    `--cpu-prof-name=${fileName}`,
    `--cpu-prof-interval=${intervalMicroseconds}`,
  ]
  const startedMs = performance.now()
  await using pair = await startPair(world, customers, {
    ...{ name: `profile-${ask}`, ask, bunFlags, signal },
  })
  await pair.load(warmUpSeconds)
  const fromMs = performance.now() - startedMs
  say(`profiling: ${ask}`)
  const cost = await pair.load(loadSeconds)
  const readOne = async (host: Host) => {
    const { child, folder } = pair.gateways[host]
    await child.stop()
    // Bun writes this format.
    const profile = (await Bun.file(join(folder, fileName)).json()) as CpuProfile
    const root = pathToFileURL(`${resolve(import.meta.dir, '../../..')}/`).href
    const times = selfTimesOf(profile, { root, fromMs })
    return new Map(times.map(({ place, percent }) => [place, (percent * cost[host]) / 100]))
  }
  const times = { plain: await readOne('plain'), metered: await readOne('metered') }
  const rows = differencesOf(times)
    .slice(0, placesMax)
    .map(({ place, plain, metered }) => {
      const costs = [plain, metered, metered - plain].map((each) => each.toFixed(2))
      return [place, ...costs]
    })
  return `Self time for a request, ${asked[ask].title}: where the two differ most, with the profiler on
${figuresTable(['function', 'µs without a meter', 'µs with it', 'µs more'], rows)}
`
}

function differencesOf({ plain, metered }: Each<ReadonlyMap<string, number>>) {
  const places = new Set([...plain.keys(), ...metered.keys()])
  return [...places]
    .map((place) => ({ place, plain: plain.get(place) ?? 0, metered: metered.get(place) ?? 0 }))
    .sort((a, b) => Math.abs(b.metered - b.plain) - Math.abs(a.metered - a.plain))
}
