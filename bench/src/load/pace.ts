/** A short pause in which sockets are served. */
export type Pace = () => Promise<void>

/** For loads that share their process with others: a timer, which is up to a millisecond late. */
export const relaxedPace: Pace = () => Bun.sleep(1)

/**
 * For a process that does nothing but send: it sleeps for parts of a millisecond, which timers cannot,
 * and leaves the processor to its neighbours, which turning round and round would not.
 */
export function precisePace(): Pace {
  const never = new Int32Array(new SharedArrayBuffer(4))
  return () => {
    Atomics.wait(never, 0, 0, pauseMs)
    return new Promise((resolve) => setImmediate(resolve))
  }
}

const pauseMs = 0.03
