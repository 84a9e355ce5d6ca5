import { listenForTurnedAlerts, reviewTurnedAlerts } from '@mooring/store/alerts'
import { type Loop, startLoop } from '@mooring/telemetry/loop'
import type { DeliveryParts } from './deliver.ts'
import { alertText } from './text.ts'

const pauseMsMax = 1_000
/** Looked at again that often, should the word of a posting have been lost. */
const lookAgainMs = 30_000
const atOnceMax = 200

/** Writes what has to be told when requests use credit up: the books say when there may be something. */
export async function startAlertWatch(parts: DeliveryParts): Promise<Loop> {
  const { database, clock, events, config } = parts
  let isWoken = true
  let lookAgainAtMs = 0
  const listening = await listenForTurnedAlerts(database, () => {
    isWoken = true
  })
  const loop = startLoop({
    pauseMs: Math.min(config.pollIntervalMs, pauseMsMax),
    clock,
    onError(error) {
      isWoken = true
      events.roundFailed('alerts', error)
    },
    async round() {
      if (!isWoken && clock.nowMs() < lookAgainAtMs) return
      isWoken = false
      lookAgainAtMs = clock.nowMs() + lookAgainMs
      const telling = { textOf: alertText, nowMs: clock.wallMs() }
      const turned = await reviewTurnedAlerts(database, atOnceMax, telling)
      if (turned === atOnceMax) isWoken = true
    },
  })
  return {
    async stop() {
      await loop.stop()
      await listening.stop()
    },
  }
}
