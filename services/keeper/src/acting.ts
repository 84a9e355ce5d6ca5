import {
  type Call,
  ChainRefusal,
  type Confirmed,
  type Sender,
  tooDear,
} from '@mooring/onchain/send'
import type { Clock } from '@mooring/telemetry/clock'
import type { Action, Turn } from './chore.ts'
import type { Events } from './events.ts'

/** What came of a round. */
export type Outcome = {
  done: { what: string; transaction: string }[]
  waits: string[]
  /** Why it is not for others or time alone to go on. */
  heldUp: string[]
}

export type ActingParts = {
  sender: Sender
  /** Of the account that sends. */
  readBalanceWei: () => Promise<bigint>
  events: Events
  clock: Clock
  costWeiMax: bigint
  patienceMs: number
  refusals: Refusals
}

/**
 * Since when something is refused before it was sent. Some nodes look at what waits to be included, so that what another
 * has sent is refused and still to be done until it is in a block: no more than that for a while.
 */
export class Refusals {
  readonly #sinceMs = new Map<string, number>()

  /** @returns For how long it has been so. */
  note(chore: string, what: string, nowMs: number): number {
    const key = `${chore}: ${what}`
    const sinceMs = this.#sinceMs.get(key) ?? nowMs
    this.#sinceMs.set(key, sinceMs)
    return nowMs - sinceMs
  }

  /** Nothing of a chore was refused in its last round. */
  forget(chore: string): void {
    for (const key of this.#sinceMs.keys()) {
      if (key.startsWith(`${chore}: `)) this.#sinceMs.delete(key)
    }
  }
}

/** A round of one chore, and what came of it so far. */
export function openTurn(
  parts: ActingParts,
  chore: string,
  signal: AbortSignal,
): { turn: Turn; outcome: Outcome } {
  const outcome: Outcome = { done: [], waits: [], heldUp: [] }
  const { sender, events } = parts
  const holdUp = (why: string) => {
    outcome.heldUp.push(why)
    events.heldUp(chore, why)
  }
  const turn: Turn = {
    signal,
    async act(action) {
      // What is begun is ended; nothing new is begun by who is to stop.
      if (signal.aborted) return undefined
      const result = await act(parts, chore, action)
      if (typeof result === 'string') outcome.heldUp.push(result)
      if (typeof result !== 'object') return undefined
      const { hash: transaction, feeWei } = result
      outcome.done.push({ what: action.what, transaction })
      events.done({ chore, what: action.what, transaction, feeWei })
      return result
    },
    isAllowed: async (call: Call) => (await sender.prepare(call)).ok,
    waitFor: (what) => void outcome.waits.push(what),
    holdUp,
  }
  return { turn, outcome }
}

/** @returns Why nothing was done; undefined when somebody else had done it. */
async function act(
  parts: ActingParts,
  chore: string,
  action: Action,
): Promise<Confirmed | string | undefined> {
  const { sender, events, costWeiMax } = parts
  const { what, call } = action
  try {
    const balanceWei = await parts.readBalanceWei()
    // What a node says of it then differs from node to node.
    if (balanceWei === 0n) return poor(parts, chore, { balanceWei, costWei: undefined })
    const prepared = await sender.prepare(call)
    if (!prepared.ok) throw new ChainRefusal(prepared.failure)
    const costWei = prepared.gas * prepared.maxFeePerGas
    if (costWei > costWeiMax) {
      events.tooDear({ chore, what, costWei, costWeiMax })
      return `gas is too dear to ${what}: up to ${costWei} wei, and ${costWeiMax} are allowed`
    }
    if (costWei > balanceWei) return poor(parts, chore, { balanceWei, costWei })
    return await sender.send(call, { costWeiMax })
  } catch (error) {
    if (!(error instanceof ChainRefusal)) throw error
    if (error.failure === tooDear) return `gas became too dear to ${what}`
    return refused(parts, chore, { action, error })
  }
}

function poor(
  { events }: ActingParts,
  chore: string,
  facts: { balanceWei: bigint; costWei: bigint | undefined },
): string {
  events.poor({ chore, ...facts })
  return 'the account of this keeper has too little for gas: send it some'
}

async function refused(
  { events, refusals, clock, patienceMs }: ActingParts,
  chore: string,
  { action, error }: { action: Action; error: ChainRefusal },
): Promise<string | undefined> {
  const { what, isDue } = action
  const { failure, hash } = error
  // Several do the same, and one is first. Asked again here, so that only what is wrong is told as wrong.
  if (!(await isDue())) {
    events.overtaken({ chore, what })
    return undefined
  }
  const forMs = refusals.note(chore, what, clock.nowMs())
  if (hash !== undefined || forMs >= patienceMs) events.refused({ chore, what, failure })
  return `refused to ${what}: ${failure.sentence}`
}
