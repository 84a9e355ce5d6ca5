/** The terminal, npm and a launcher each pass on one Ctrl-C; signals this close together are one. */
const repeatMs = 300

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Listens for the signals that mean stop.
 *
 * @param onForce - Called at a signal that comes when the first one has been heard for a while.
 * @returns A signal that is aborted at the first one.
 */
export function stopOnSignals(onForce: () => void): AbortSignal {
  const stopping = new AbortController()
  let firstMs: number | undefined
  for (const name of stopSignals) {
    process.on(name, () => {
      const nowMs = performance.now()
      if (firstMs === undefined) {
        firstMs = nowMs
        stopping.abort()
      } else if (nowMs - firstMs > repeatMs) onForce()
    })
  }
  return stopping.signal
}
