import type { Aftermath } from './aftermath.ts'

/** A node may fail this many consumers' requests before it is left, however soon that is. */
const failedRelaysMax = 3
const pollIntervalsMax = 2
/** What it takes to ask the gateway for its view. */
const lookMs = 250

/** A sentence for each bound that an aftermath breaks. */
export function brokenBounds(
  { name, leftAfterMs, failedRelays, consumerErrors, firstError }: Aftermath,
  { mustBeLeft, pollIntervalMs }: { mustBeLeft: boolean; pollIntervalMs: number },
): string[] {
  const broken: string[] = []
  if (consumerErrors > 0) {
    broken.push(
      `${name}: ${consumerErrors} requests failed, the bound is 0; the first: ${firstError}`,
    )
  }
  const boundMs = pollIntervalsMax * pollIntervalMs + lookMs
  if (!mustBeLeft) return broken
  if (leftAfterMs === undefined) broken.push(`${name}: the gateway never left the node`)
  else if (leftAfterMs > boundMs && failedRelays > failedRelaysMax) {
    broken.push(
      `${name}: left after ${Math.round(leftAfterMs)} ms and ${failedRelays} failed relays, the bound is ${boundMs} ms or ${failedRelaysMax} failed relays`,
    )
  }
  return broken
}
