import type { SettlementAnswer, SettlementWish } from '@mooring/protocol/settlement/signing-wire'
import type { Clock } from '@mooring/telemetry/clock'
import type { Hex } from 'viem'
import { VerifierRefusal } from '../refusal.ts'
import { Unsigned } from './unsigned.ts'

export type DeskContext = {
  clock: Clock
  /** Finds out whether what is wished for may be signed, and signs. Throws Unsigned. */
  sign(wish: SettlementWish, signal: AbortSignal): Promise<{ signer: Hex; signature: Hex }>
  onSigned(wish: SettlementWish): void
  onRefused(wish: SettlementWish, reasons: readonly string[]): void
  /** Something else than a refusal came of a check. */
  onError(error: unknown): void
}

export type SettlementDesk = AsyncDisposable & { ask(wish: SettlementWish): SettlementAnswer }

type Entry = {
  wish: SettlementWish
  /** Undefined until it was checked once. */
  answer: SettlementAnswer | undefined
  answeredMs: number
  isWaiting: boolean
}

const retryAfterMs = 1_000
/** A refusal is looked at anew after so long: sources and files may be there by then. */
const refusedMs = 5_000
/** Wishes that are remembered, and those of them that may wait at a time. */
const entriesMax = 64
const waitingMax = 16

/** Takes wishes and checks one after the other in the background. The same wish is one, whoever has it. */
export function createSettlementDesk(context: DeskContext): SettlementDesk {
  const { clock } = context
  const stopping = new AbortController()
  const entries = new Map<string, Entry>()
  const queue: Entry[] = []
  let running = Promise.resolve()
  let isRunning = false

  async function run(): Promise<void> {
    for (let entry = queue[0]; entry !== undefined; entry = queue[0]) {
      const answer = await examine(context, entry.wish, stopping.signal)
      if (stopping.signal.aborted) return
      entry.answer = answer
      entry.answeredMs = clock.nowMs()
      entry.isWaiting = false
      queue.shift()
    }
    isRunning = false
  }

  function enqueue(entry: Entry): void {
    entry.isWaiting = true
    queue.push(entry)
    if (isRunning) return
    isRunning = true
    running = run()
  }

  return {
    ask(wish) {
      const key = JSON.stringify(Object.entries(wish).sort())
      const known = entries.get(key)
      if (known?.answer?.state === 'signed') return known.answer
      const isFresh = known !== undefined && clock.nowMs() - known.answeredMs < refusedMs
      if (known?.isWaiting) return { state: 'checking', retryAfterMs }
      if (known?.answer !== undefined && isFresh) return known.answer
      if (queue.length >= waitingMax) throw tooMany()
      const entry = known ?? { wish, answer: undefined, answeredMs: 0, isWaiting: false }
      entries.set(key, entry)
      forgetOldest(entries)
      enqueue(entry)
      return { state: 'checking', retryAfterMs }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

async function examine(
  { sign, onSigned, onRefused, onError }: DeskContext,
  wish: SettlementWish,
  signal: AbortSignal,
): Promise<SettlementAnswer> {
  try {
    const signed = await sign(wish, signal)
    onSigned(wish)
    return { state: 'signed', ...signed }
  } catch (error) {
    const isRefusal = error instanceof Unsigned
    const reasons = isRefusal ? error.reasons : ['something broke in this verifier: ask again']
    if (isRefusal) onRefused(wish, reasons)
    else if (!signal.aborted) onError(error)
    return { state: 'refused', reasons: [...reasons] }
  }
}

/** In the order they came; what waits is asked for again soon. */
function forgetOldest(entries: Map<string, Entry>): void {
  for (const [key, { isWaiting, answer }] of entries) {
    if (entries.size <= entriesMax) return
    if (!isWaiting && answer !== undefined) entries.delete(key)
  }
}

function tooMany(): VerifierRefusal {
  const message = `${waitingMax} roots wait to be checked: try again later`
  return new VerifierRefusal('RATE_LIMITED', message, { retryAfterSeconds: retryAfterMs / 1_000 })
}
