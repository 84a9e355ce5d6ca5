import type { Clock } from './clock.ts'

export type Loop = { stop(): Promise<void> }

export type LoopOptions = {
  /** Reports its failure by throwing; the next round comes all the same. */
  round(signal: AbortSignal): Promise<void>
  pauseMs: number
  onError(error: unknown): void
  clock: Clock
}

/** Does one round after the other until it is stopped; a round that has begun is waited for. */
export function startLoop({ round, pauseMs, onError, clock }: LoopOptions): Loop {
  const stopping = new AbortController()
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await round(stopping.signal)
      } catch (error) {
        if (!stopping.signal.aborted) onError(error)
      }
      await clock.sleep(pauseMs, stopping.signal)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
