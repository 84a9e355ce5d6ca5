import { localOne } from '@mooring/chains/definitions/local_one'
import { systemClock } from '@mooring/telemetry/clock'
import { type LocalNetwork, startLocalNetwork } from '@mooring/testkit/local-network/network'
import type { MeasureContext, Measured } from '../harness/measurement.ts'
import type { Figures } from '../harness/report.ts'
import { runOpenLoop, type Sample } from '../load/open-loop.ts'
import { relaxedPace } from '../load/pace.ts'
import { aftermathOf, aftermathTable, figuresOf } from './aftermath.ts'
import { brokenBounds } from './bounds.ts'
import { type Break, breakOnce, brokenMs } from './break-once.ts'
import { breakdowns, idOf } from './breakdowns.ts'
import { minedBlocks, problemOf, requestAt } from './requests.ts'

const ratePerSecond = 500
/** The gateway's own choice for this chain: once a block. */
const pollIntervalMs = localOne.blockTimeMs
const settleMs = 2_000
/** After a node is healed, so that one breakdown is over when the next one begins. */
const healedMs = 1_000
const drillMs = settleMs + breakdowns.length * (brokenMs + healedMs)

/** Breaks nodes one after the other, each in another way, while consumers keep sending. */
export async function drillFailover({ signal, say }: MeasureContext): Promise<Measured> {
  say('starting a chain, nine healthy nodes and a gateway …')
  await using network = await startNetwork(signal)
  const ended = new AbortController()
  const loading = runOpenLoop({
    url: new URL(`${network.gateway.url}/${localOne.name}`),
    ratePerSecond,
    count: (drillMs / 1_000) * ratePerSecond,
    bodyOf: requestAt,
    problemOf,
    pace: relaxedPace,
    signal: AbortSignal.any([signal, ended.signal]),
  })
  const startMs = performance.now()
  try {
    await systemClock.sleep(settleMs, signal)
    const breaks: Break[] = []
    for (const breakdown of breakdowns) {
      signal.throwIfAborted()
      say(`${breakdown.name}: ${idOf(breakdown)} …`)
      breaks.push(await breakOnce(breakdown, { network, startMs, signal }))
      await systemClock.sleep(healedMs, signal)
    }
    const samples = await loading
    signal.throwIfAborted()
    return measuredOf(breaks, samples)
  } finally {
    ended.abort()
    await loading
  }
}

async function startNetwork(signal: AbortSignal): Promise<LocalNetwork> {
  const fronts = ['alpha', 'bravo', 'charlie'].flatMap((provider) =>
    ['one', 'two', 'three'].map((node) => ({ provider, node })),
  )
  const network = await startLocalNetwork({
    chains: [{ definition: localOne, fronts }],
    actorIntervalMs: 200,
    signal,
  })
  await network.chains[0]?.anvil.mine(minedBlocks)
  return network
}

function measuredOf(breaks: readonly Break[], samples: readonly Sample[]): Measured {
  const aftermaths = breaks.map((one) => aftermathOf(one, samples))
  const broken = breaks.flatMap(({ breakdown: { mustBeLeft } }, at) => {
    const aftermath = aftermaths[at]
    return aftermath === undefined ? [] : brokenBounds(aftermath, { mustBeLeft, pollIntervalMs })
  })
  // What fails between two breakdowns is an error all the same.
  const inWindows = aftermaths.reduce((sum, { consumerErrors }) => sum + consumerErrors, 0)
  const allErrors = samples.filter(({ problem }) => problem !== undefined)
  if (allErrors.length > inWindows) {
    const last = allErrors.at(-1)?.problem
    broken.push(`${allErrors.length - inWindows} requests failed between breakdowns: ${last}`)
  }
  const totals = { requestsCount: samples.length, consumerErrorsCount: allErrors.length }
  const figures: Figures = Object.assign({}, totals, ...aftermaths.map(figuresOf))
  const text = `One node of nine broken, ${ratePerSecond} requests a second, ${samples.length} in all
${aftermathTable(aftermaths)}`
  return { figures, text, broken }
}
