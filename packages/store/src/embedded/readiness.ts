import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, describeEnd } from './child.ts'
import { lastWords } from './last-words.ts'

const pollPauseMs = 20

export type ReadyOptions = {
  timeoutMs: number
  signal?: AbortSignal | undefined
  /** Answers whether it is ready; a rejection counts as not yet. */
  check(signal: AbortSignal): Promise<boolean>
}

/** Waits until a process is ready. Throws with the end of its output when it ends first or takes too long. */
export async function untilReady(child: Child, options: ReadyOptions): Promise<void> {
  const deadline = AbortSignal.timeout(options.timeoutMs)
  const signal = AbortSignal.any([deadline, ...(options.signal ? [options.signal] : [])])
  const end = child.ended.then((ended) => ({ ended }))
  for (;;) {
    const ready = options.check(signal).catch(() => false)
    const state = await Promise.race([ready, end])
    if (state === true) return
    if (typeof state === 'object') throw failed(child, `ended with ${describeEnd(state.ended)}`)
    options.signal?.throwIfAborted()
    if (deadline.aborted) throw failed(child, `was not ready within ${options.timeoutMs} ms`)
    await sleep(pollPauseMs)
  }
}

function failed(child: Child, what: string): Error {
  return new Error(`${child.name} ${what}${lastWords(child.tail())}`)
}
