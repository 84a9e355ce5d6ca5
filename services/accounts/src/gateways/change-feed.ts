import type { AccessChanges } from '@mooring/protocol/access/key-record'
import { listenForChanges, readChanges } from '@mooring/store/changes'
import type { Database } from '@mooring/store/database'

/** Tells gateways what has changed, at once when something has and otherwise after a while. */
export type ChangeFeed = {
  /** Ends early when the signal does. */
  wait(after: string | undefined, waitMs: number, signal: AbortSignal): Promise<AccessChanges>
  /** Answers everybody who waits; from then on nobody is kept waiting. */
  release(): void
  stop(): Promise<void>
}

/** Looked at again that often, should the word of a change have been lost. */
const lookAgainMs = 2_000

export async function startChangeFeed(database: Database): Promise<ChangeFeed> {
  const waiting = new Set<() => void>()
  const wakeAll = () => {
    for (const wake of waiting) wake()
  }
  const listening = await listenForChanges(database, wakeAll)
  let isStopping = false
  return {
    async wait(after, waitMs, signal) {
      const endMs = performance.now() + waitMs
      for (;;) {
        // Listens before it looks, so that nothing happens in between.
        const woken = nextWake(waiting, signal)
        try {
          const found = await readChanges(database.sql, after)
          const hasNews = after === undefined || found.reset || found.changes.length > 0
          const leftMs = endMs - performance.now()
          if (hasNews || leftMs <= 0 || isStopping || signal.aborted) return found
          await woken.within(Math.min(leftMs, lookAgainMs))
        } finally {
          woken.forget()
        }
      }
    },
    release() {
      isStopping = true
      wakeAll()
    },
    stop: () => listening.stop(),
  }
}

function nextWake(waiting: Set<() => void>, signal: AbortSignal) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const wake = () => resolve()
  waiting.add(wake)
  signal.addEventListener('abort', wake)
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    within(ms: number): Promise<void> {
      timer = setTimeout(wake, ms)
      return promise
    },
    forget() {
      clearTimeout(timer)
      waiting.delete(wake)
      signal.removeEventListener('abort', wake)
    },
  }
}
