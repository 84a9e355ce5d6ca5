import type { Connection } from './connection.ts'
import type { Deadline, Deadlines } from './deadlines.ts'

/**
 * Connections with nothing to do. The most recently used one is taken first, so that those not needed
 * grow old and close.
 */
export class IdleConnections {
  /** Least recently used first, so the oldest always stand in front. */
  readonly #connections: { connection: Connection; sinceMs: number }[] = []
  readonly #options: { idleMsMax: number; clock: { nowMs(): number }; deadlines: Deadlines }
  readonly #onClosed: (connection: Connection) => void
  #sweep: Deadline | undefined

  constructor(
    options: { idleMsMax: number; clock: { nowMs(): number }; deadlines: Deadlines },
    onClosed: (connection: Connection) => void,
  ) {
    this.#options = options
    this.#onClosed = onClosed
  }

  get size(): number {
    return this.#connections.length
  }

  put(connection: Connection): void {
    const sinceMs = this.#options.clock.nowMs()
    this.#connections.push({ connection, sinceMs })
    this.#sweep ??= this.#sweepAt(sinceMs + this.#options.idleMsMax)
  }

  take(nowMs: number): Connection | undefined {
    const last = this.#connections.at(-1)
    if (last === undefined) return undefined
    if (last.sinceMs < nowMs - this.#options.idleMsMax) {
      this.closeAll()
      return undefined
    }
    this.#connections.pop()
    return last.connection
  }

  /** Forgets a connection that closed by itself. */
  remove(connection: Connection): void {
    const at = this.#connections.findIndex((idle) => idle.connection === connection)
    if (at !== -1) this.#connections.splice(at, 1)
  }

  closeAll(): void {
    this.#closeFirst(this.#connections.length)
    if (this.#sweep !== undefined) this.#options.deadlines.remove(this.#sweep)
    this.#sweep = undefined
  }

  #oldestMs(): number {
    return this.#options.clock.nowMs() - this.#options.idleMsMax
  }

  #closeFirst(count: number): void {
    for (const { connection } of this.#connections.splice(0, count)) {
      connection.close()
      this.#onClosed(connection)
    }
  }

  #sweepAt(atMs: number): Deadline {
    return this.#options.deadlines.add(atMs, () => {
      const oldestMs = this.#oldestMs()
      const kept = this.#connections.findIndex(({ sinceMs }) => sinceMs > oldestMs)
      this.#closeFirst(kept === -1 ? this.#connections.length : kept)
      const [next] = this.#connections
      this.#sweep =
        next === undefined ? undefined : this.#sweepAt(next.sinceMs + this.#options.idleMsMax)
    })
  }
}
