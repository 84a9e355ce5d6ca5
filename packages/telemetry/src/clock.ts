/** Time as an argument: services take a clock, so tests can own it. */
export type Clock = {
  /** Milliseconds since 1970, for records people read. */
  wallMs(): number
  /** Milliseconds that never step back, for durations and deadlines. */
  nowMs(): number
  /** Resolves after `durationMs`, or at once when the signal is aborted. Never rejects. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  nowMs: () => performance.now(),
  sleep(durationMs, signal) {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, durationMs)
      signal?.addEventListener('abort', done, { once: true })
    })
  },
}
