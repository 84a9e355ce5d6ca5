import { noReceipts, type ReceiptSums } from '@mooring/market/receipts/continues'
import { mergedLeaves, nextAccumulator, windowRootOf } from '@mooring/market/receipts/window'
import { leafBytes, type Receipt, windowRelaysMax } from '@mooring/protocol/relays/receipts'
import type { Hex } from '@mooring/protocol/relays/sessions'
import { bytesOfLeaves, type Leaf, leafOf, sha256 } from '@mooring/receipts/sha256'
import { bytesToHex, hexToBytes } from 'viem'

/** The epoch of now, and the table of prices that counts in it. */
export type EpochTerms = { epoch: bigint; tariff: Hex }

/** What shows that a relay was served: kept until its answer was delivered, or not. */
export type RelayProof = {
  session: RelaySession
  method: string
  request: string
  response: string
}

/** Relays that are to have one receipt. */
type Window = EpochTerms & {
  paid: Leaf[]
  /** Credits of each that is paid. */
  credits: number[]
  free: Leaf[]
  openedMs: number
}

/** A receipt to be proposed, with the leaves that it covers. */
export type Draft = { receipt: Receipt; paid: Uint8Array; free: Uint8Array; leaves: Uint8Array }

/** When a window is closed. The first number counts once a window has been open for the shortest time. */
export const windowRule = { relaysMin: 100, openMsMin: 1_000, openMsMax: 60_000 } as const
/** Windows that may wait for their receipts; whoever has more is not worth more. */
const windowsMax = 64

export type RelaySessionFacts = {
  id: Hex
  /** What requests bear. */
  token: string
  nodeId: bigint
  gateway: Hex
  chain: Hex
  /** When it ends, by the clock that never steps back. */
  untilMs: number
}

/** One session with the agent of an upstream: which of its relays were accepted, and how far they have receipts. */
export class RelaySession {
  readonly facts: RelaySessionFacts
  #open: Window | undefined
  readonly #closed: Window[] = []
  /** Sums of the last receipt, by epoch. */
  readonly #sums = new Map<bigint, ReceiptSums>()
  #draft: Draft | undefined
  /** Whether nothing more is to be accepted or proposed. */
  isOver = false

  constructor(facts: RelaySessionFacts) {
    this.facts = facts
  }

  /** Relays without a receipt. */
  get unproven(): number {
    const all = this.#open === undefined ? this.#closed : [...this.#closed, this.#open]
    return all.reduce((sum, { paid, free }) => sum + paid.length + free.length, 0)
  }

  get isSettled(): boolean {
    return this.#open === undefined && this.#closed.length === 0
  }

  /**
   * A relay whose answer was delivered. Called on the relay path: two hashes over the bodies, and a push.
   *
   * @param credits - What it is worth; undefined where nobody pays for it.
   */
  accept(
    bodies: { request: string; response: string },
    credits: number | undefined,
    when: EpochTerms & { nowMs: number },
  ): void {
    if (this.isOver) return
    const leaf = leafOf(bodies.request, bodies.response)
    const window = this.#windowFor(when)
    if (credits === undefined) window.free.push(leaf)
    else {
      window.paid.push(leaf)
      window.credits.push(credits)
    }
    if (window.paid.length + window.free.length >= windowRelaysMax) this.#close()
  }

  /** Closes the window whose time has come. @param isLast - Whatever its time. */
  review(nowMs: number, epoch: bigint, { isLast = false }: { isLast?: boolean } = {}): void {
    const window = this.#open
    if (window === undefined) return
    const openMs = nowMs - window.openedMs
    const count = window.paid.length + window.free.length
    const isFull = count >= windowRule.relaysMin && openMs >= windowRule.openMsMin
    const isDue = isFull || openMs >= windowRule.openMsMax || window.epoch !== epoch
    if (isDue || isLast) this.#close()
  }

  /** The next to propose: the same until it is signed. */
  draft(): Draft | undefined {
    const [window] = this.#closed
    if (window === undefined) return undefined
    this.#draft ??= this.#draftOf(window)
    return this.#draft
  }

  /** The draft has both signatures. */
  signed({ receipt }: Draft): void {
    this.#sums.set(receipt.epoch, receipt)
    this.#closed.shift()
    this.#draft = undefined
  }

  /** Ends it. @returns How many relays will never have a receipt. */
  end(): number {
    const { unproven } = this
    this.isOver = true
    this.#open = undefined
    this.#closed.length = 0
    this.#draft = undefined
    return unproven
  }

  #windowFor({ epoch, tariff, nowMs }: EpochTerms & { nowMs: number }): Window {
    if (this.#open?.epoch === epoch) return this.#open
    this.#close()
    this.#open = { epoch, tariff, paid: [], credits: [], free: [], openedMs: nowMs }
    return this.#open
  }

  #close(): void {
    if (this.#open === undefined) return
    this.#closed.push(this.#open)
    this.#open = undefined
  }

  /** Whether so much waits for receipts that no more is to be sent to the node. */
  get isOverdue(): boolean {
    return this.#closed.length >= windowsMax
  }

  #draftOf(window: Window): Draft {
    const { epoch, tariff } = window
    const { credits, ...leaves } = eachOnce(window)
    const [paid, free] = [bytesOfLeaves(leaves.paid), bytesOfLeaves(leaves.free)]
    const merged = mergedLeaves(paid, free)
    if (merged === undefined) throw new Error('leaves are out of order')
    const before = this.#sums.get(epoch) ?? noReceipts
    const root = windowRootOf(merged, sha256)
    const accumulator = nextAccumulator(hexToBytes(before.accumulator), root, sha256)
    const relays = BigInt(merged.length / leafBytes)
    const { id: session, nodeId, gateway, chain } = this.facts
    const receipt: Receipt = {
      ...{ session, nodeId, gateway, chain, epoch, number: before.number + 1n },
      ...{ relays, credits, tariff },
      relaysSum: before.relaysSum + relays,
      creditsSum: before.creditsSum + credits,
      windowRoot: bytesToHex(root),
      accumulator: bytesToHex(accumulator),
    }
    return { receipt, paid, free, leaves: merged }
  }
}

/**
 * Ids tell requests apart for millions of them. Where a relay has the leaf of another one all the same, both count as one: so
 * they do at the agent.
 */
function eachOnce({ paid, credits, free }: Window): {
  paid: Leaf[]
  free: Leaf[]
  credits: bigint
} {
  const worth = new Map<Leaf, number>()
  for (const [at, leaf] of paid.entries()) worth.set(leaf, credits[at] ?? 0)
  const others = new Set(free.filter((leaf) => !worth.has(leaf)))
  const sum = [...worth.values()].reduce((whole, one) => whole + BigInt(one), 0n)
  return { paid: [...worth.keys()].sort(), free: [...others].sort(), credits: sum }
}
