import { systemClock } from '@mooring/telemetry/clock'
import type { Front } from '@mooring/testkit/fronts/front'

/** One way in which a node breaks. */
export type Breakdown = {
  /** Begins the names of its figures. */
  name: string
  node: { provider: string; name: string }
  /**
   * Breaks the node, and keeps at it until the signal is aborted. What is left of it afterwards is healed.
   */
  act: (front: Front, signal: AbortSignal) => Promise<void>
  /** Whether the gateway is bound to leave the node: one that is well half of the time need not be left. */
  mustBeLeft: boolean
}

const flapMs = 700

/** A node each, so that none has to be forgiven before the next breaks. */
export const breakdowns: readonly Breakdown[] = [
  {
    name: 'dead',
    node: { provider: 'alpha', name: 'one' },
    act: (front) => front.set({ down: true }),
    mustBeLeft: true,
  },
  {
    name: 'stalled',
    node: { provider: 'bravo', name: 'one' },
    act: (front) => front.set({ stall: true }),
    mustBeLeft: true,
  },
  {
    name: 'lagging',
    node: { provider: 'charlie', name: 'one' },
    act: (front) => front.set({ lagBlocks: 20 }),
    mustBeLeft: true,
  },
  {
    name: 'throttling',
    node: { provider: 'alpha', name: 'two' },
    act: (front) => front.set({ failRatio: 1, failWith: 'rateLimit' }),
    mustBeLeft: true,
  },
  {
    name: 'flapping',
    node: { provider: 'bravo', name: 'two' },
    async act(front, signal) {
      for (let down = true; !signal.aborted; down = !down) {
        await front.set({ down })
        await systemClock.sleep(flapMs, signal)
      }
    },
    mustBeLeft: false,
  },
  {
    name: 'html',
    node: { provider: 'charlie', name: 'two' },
    act: (front) => front.set({ failRatio: 1, failWith: 'html' }),
    mustBeLeft: true,
  },
]

/** The node as the gateway calls it. */
export function idOf({ node }: Breakdown): string {
  return `${node.provider}/${node.name}`
}
