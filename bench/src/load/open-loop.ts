import { type HttpAnswer, HttpConnection } from './http-connection.ts'
import type { Pace } from './pace.ts'

export type OpenLoop = {
  url: URL
  ratePerSecond: number
  /** How many requests are sent in all. */
  count: number
  /** The body of each request, by its place. */
  bodyOf: (at: number) => string
  /** What is wrong with an answer, if anything is. */
  problemOf: (answer: { status: number; body: string }) => string | undefined
  pace: Pace
  /** Aborted to send no more. */
  signal: AbortSignal
}

export type Sample = {
  /** When it should have been sent, from the start of the load. */
  atMs: number
  /** From when it should have been sent until its answer was there. */
  latencyMs: number
  problem: string | undefined
}

/** Past this many connections requests wait, which their latency tells. */
const connectionsMax = 1_024
/** How long answers may still come when all is sent. */
const drainMsMax = 20_000

/**
 * Sends at a fixed rate whatever becomes of earlier requests, as many consumers do together. A request
 * that had to wait to be sent, here or there, waited all the same: its time counts from when it was due.
 *
 * @returns One sample for each request, answered or not, in the order in which they were due.
 */
export async function runOpenLoop(options: OpenLoop): Promise<Sample[]> {
  const { url, ratePerSecond, count, pace, signal } = options
  using senders = new Senders(url)
  const samples: Sample[] = []
  let answered = 0
  const startMs = performance.now()
  const issue = (at: number) => {
    const atMs = (at * 1_000) / ratePerSecond
    const sample: Sample = { atMs, latencyMs: drainMsMax, problem: 'no answer came' }
    samples.push(sample)
    senders.send(requestOf(url, options.bodyOf(at)), (answer) => {
      answered++
      sample.latencyMs = performance.now() - startMs - atMs
      sample.problem = 'problem' in answer ? answer.problem : options.problemOf(answer)
    })
  }
  while (samples.length < count && !signal.aborted) {
    const dueCount = Math.floor(((performance.now() - startMs) * ratePerSecond) / 1_000) + 1
    while (samples.length < Math.min(dueCount, count)) issue(samples.length)
    await pace()
  }
  const drainUntilMs = performance.now() + drainMsMax
  while (answered < samples.length && performance.now() < drainUntilMs && !signal.aborted) {
    await pace()
  }
  return samples
}

type Waiting = { request: string; taker: (answer: HttpAnswer) => void }

/** Connections that are opened as requests need them. */
class Senders implements Disposable {
  readonly #url: URL
  readonly #idle: HttpConnection[] = []
  readonly #open = new Set<HttpConnection>()
  readonly #waiting: Waiting[] = []
  #dials = 0
  #isDisposed = false

  constructor(url: URL) {
    this.#url = url
  }

  send(request: string, taker: Waiting['taker']): void {
    this.#waiting.push({ request, taker })
    this.#serve()
  }

  #serve(): void {
    for (;;) {
      const connection = this.#idle.pop()
      if (connection === undefined) break
      if (connection.isClosed) this.#open.delete(connection)
      else if (!this.#give(connection)) return
    }
    if (this.#waiting.length > this.#dials && this.#open.size + this.#dials < connectionsMax) {
      void this.#dial()
    }
  }

  async #dial(): Promise<void> {
    this.#dials++
    try {
      const connection = await HttpConnection.open(this.#url)
      if (this.#isDisposed) return connection.close()
      this.#open.add(connection)
      this.#idle.push(connection)
    } catch (error) {
      this.#waiting
        .shift()
        ?.taker({ problem: error instanceof Error ? error.message : 'no socket' })
    } finally {
      this.#dials--
      this.#serve()
    }
  }

  /** Hands a connection to the longest waiting request, or lays it down when there is none. */
  #give(connection: HttpConnection): boolean {
    const next = this.#waiting.shift()
    if (next === undefined) {
      this.#idle.push(connection)
      return false
    }
    connection.send(next.request, (answer) => {
      if (connection.isClosed) this.#open.delete(connection)
      else this.#idle.push(connection)
      next.taker(answer)
      this.#serve()
    })
    return true
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#waiting.length = 0
    for (const connection of this.#open) connection.close()
  }
}

function requestOf(url: URL, body: string): string {
  return `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
