import { systemClock } from '@mooring/telemetry/clock'
import type { World } from './world.ts'

const pauseMs = 100
const timeoutMs = 240_000

/** Waits for what services do by themselves. A service that is away is asked again. */
export async function untilSo(
  what: string,
  signal: AbortSignal,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const endMs = performance.now() + timeoutMs
  let trouble: unknown
  for (;;) {
    signal.throwIfAborted()
    try {
      if (await isSo()) return
      trouble = undefined
    } catch (error) {
      trouble = error
    }
    if (performance.now() > endMs) {
      throw new Error(`waited in vain until ${what}`, { cause: trouble })
    }
    await systemClock.sleep(pauseMs, signal)
  }
}

/** Waits for a block in which something is so, making blocks meanwhile. */
export async function untilChain(
  world: World,
  what: string,
  signal: AbortSignal,
  isSo: () => Promise<boolean>,
): Promise<void> {
  await untilSo(what, signal, async () => {
    await world.chain.anvil.mine(1)
    return await isSo()
  })
}
