import { localOne } from '@mooring/chains/definitions/local_one'
import type { UpstreamReport, UpstreamsReport } from '@mooring/protocol/reports/upstreams'
import { systemClock } from '@mooring/telemetry/clock'
import type { LocalNetwork } from '@mooring/testkit/local-network/network'
import { type Breakdown, idOf } from './breakdowns.ts'

/** How long a node stays broken. */
export const brokenMs = 4_500
const lookTimeoutMs = 2_000
const lookPauseMs = 20

/** One node that was broken for a while, as the gateway saw it. */
export type Break = {
  breakdown: Breakdown
  /** From the breakdown until the node was out of selection; undefined when it stayed. */
  leftAfterMs: number | undefined
  /** Relays to the node that had failed by then. */
  failedRelays: number
  /** From the start of the load. */
  fromMs: number
  toMs: number
}

/** Breaks a node, watches whether the gateway leaves it, and heals it. */
export async function breakOnce(
  breakdown: Breakdown,
  context: { network: LocalNetwork; startMs: number; signal: AbortSignal },
): Promise<Break> {
  const { network, startMs, signal } = context
  const { provider, name } = breakdown.node
  const front = network.front(localOne.name, provider, name)
  const failuresBefore = (await look(network, breakdown)).failures
  const brokenAtMs = performance.now()
  const healing = new AbortController()
  const acting = breakdown.act(front, AbortSignal.any([signal, healing.signal]))
  try {
    const left = await watchUntilLeft(network, breakdown, { brokenAtMs, signal })
    return {
      breakdown,
      leftAfterMs: left.afterMs,
      failedRelays: left.failures - failuresBefore,
      fromMs: brokenAtMs - startMs,
      toMs: performance.now() - startMs,
    }
  } finally {
    healing.abort()
    await acting
    await front.reset()
  }
}

/** Looks until the time of the breakdown is over, and tells when the node was first out of selection. */
async function watchUntilLeft(
  network: LocalNetwork,
  breakdown: Breakdown,
  { brokenAtMs, signal }: { brokenAtMs: number; signal: AbortSignal },
): Promise<{ afterMs: number | undefined; failures: number }> {
  const sinceMs = () => performance.now() - brokenAtMs
  while (sinceMs() < brokenMs && !signal.aborted) {
    const { score, failures } = await look(network, breakdown)
    if (score === 0) {
      const afterMs = sinceMs()
      await systemClock.sleep(brokenMs - afterMs, signal)
      return { afterMs, failures }
    }
    await systemClock.sleep(lookPauseMs, signal)
  }
  return { afterMs: undefined, failures: (await look(network, breakdown)).failures }
}

/** How the gateway sees the node now. */
async function look({ gateway }: LocalNetwork, breakdown: Breakdown): Promise<UpstreamReport> {
  const signal = AbortSignal.timeout(lookTimeoutMs)
  const response = await fetch(`${gateway.adminUrl}/v1/upstreams`, { signal })
  // The gateway's own report, in the shape that it shares with us.
  const { chains } = (await response.json()) as UpstreamsReport
  const found = chains[0]?.upstreams.find(({ id }) => id === idOf(breakdown))
  if (found === undefined) throw new Error(`the gateway does not know ${idOf(breakdown)}`)
  return found
}
