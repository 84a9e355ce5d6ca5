/** Methods remembered as unsupported; more than a node's whole vocabulary. */
const methodsMax = 256
/** Nodes are upgraded and reconfigured, so nothing learned from an error lasts. */
const unsupportedMs = 300_000
const prunedMs = 600_000

/** What errors taught about one upstream: methods it lacks, state it no longer holds. */
export class Lessons {
  readonly #unsupportedUntilMs = new Map<string, number>()
  #earliestStateBlock = 0
  #prunedUntilMs = 0

  methodUnsupported(method: string, nowMs: number): void {
    if (this.#unsupportedUntilMs.size >= methodsMax) this.#unsupportedUntilMs.clear()
    this.#unsupportedUntilMs.set(method, nowMs + unsupportedMs)
  }

  /** @param block - A block whose data the upstream said it does not hold. */
  pruned(block: number, nowMs: number): void {
    this.#earliestStateBlock = Math.max(this.#earliestStateBlock, block + 1)
    this.#prunedUntilMs = nowMs + prunedMs
  }

  offers(method: string, nowMs: number): boolean {
    const untilMs = this.#unsupportedUntilMs.get(method)
    return untilMs === undefined || untilMs <= nowMs
  }

  /** Oldest block it may hold state for, 0 when nothing speaks against the whole chain. */
  earliestStateBlock(nowMs: number): number {
    return nowMs < this.#prunedUntilMs ? this.#earliestStateBlock : 0
  }

  unsupportedMethods(nowMs: number): { method: string; leftMs: number }[] {
    return [...this.#unsupportedUntilMs]
      .filter(([, untilMs]) => untilMs > nowMs)
      .map(([method, untilMs]) => ({ method, leftMs: untilMs - nowMs }))
  }
}
