import { systemClock } from '@mooring/telemetry/clock'
import { freePort } from '../ports.ts'

const openTimeoutMs = 5_000
const openPauseMs = 20

export type Handlers = {
  maxRequestBodySize: number
  fetch(request: Request): Response | Promise<Response>
  error(error: Error): Response
}

/** A loopback HTTP server that can close, connections and all, and open again on the same port. */
export type Listener = {
  readonly url: string
  open(): Promise<void>
  close(): Promise<void>
  /** Closes for good. */
  stop(): Promise<void>
}

/** Opens on the port, or on a free one. Changes wait for one another. */
export async function listenAgain(handlers: Handlers, wanted?: number): Promise<Listener> {
  const port = wanted ?? (await freePort())
  let server: Bun.Server<undefined> | undefined
  let stopped = false
  const open = async () => {
    if (stopped || server !== undefined) return
    server = await serveInTime(handlers, port)
  }
  const close = async () => {
    const closing = server
    server = undefined
    await closing?.stop(true)
  }
  let last: Promise<void> = open()
  await last
  const next = (change: () => Promise<void>) => {
    last = last.catch(() => undefined).then(change)
    return last
  }
  return {
    url: `http://127.0.0.1:${port}`,
    open: () => next(open),
    close: () => next(close),
    stop: () => {
      stopped = true
      return next(close)
    },
  }
}

/** A port that was just closed may not be free at once. */
async function serveInTime(handlers: Handlers, port: number): Promise<Bun.Server<undefined>> {
  const endMs = systemClock.nowMs() + openTimeoutMs
  for (;;) {
    try {
      return Bun.serve({
        ...handlers,
        port,
        hostname: '127.0.0.1',
        development: false,
        // Stalled requests are held for as long as a test wants.
        idleTimeout: 0,
      })
    } catch (error) {
      if (systemClock.nowMs() > endMs) throw error
      await systemClock.sleep(openPauseMs)
    }
  }
}
