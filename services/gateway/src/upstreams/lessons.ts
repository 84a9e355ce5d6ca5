/** Methods remembered as unsupported; more than a node's whole vocabulary. */
const methodsMax = 256
/** Nodes are upgraded and reconfigured, so nothing learned from an error lasts. */
const unsupportedMs = 300_000
const failingMs = 30_000
const prunedMs = 600_000
const rangeMs = 600_000

/** What errors taught about one upstream: methods it lacks, state it no longer holds. */
export class Lessons {
  readonly #avoidedUntilMs = new Map<string, number>()
  #earliestStateBlock = 0
  #prunedUntilMs = 0
  #refusedRangeBlocks = Number.POSITIVE_INFINITY
  #rangeUntilMs = 0

  methodUnsupported(method: string, nowMs: number): void {
    this.#avoid(method, nowMs + unsupportedMs)
  }

  /** It fails at this method while others answer the same requests. */
  methodFails(method: string, nowMs: number): void {
    this.#avoid(method, nowMs + failingMs)
  }

  /** @param blocks - Width of a range it refused. */
  rangeRefused(blocks: number, nowMs: number): void {
    const known = nowMs < this.#rangeUntilMs ? this.#refusedRangeBlocks : Number.POSITIVE_INFINITY
    this.#refusedRangeBlocks = Math.min(known, blocks)
    this.#rangeUntilMs = nowMs + rangeMs
  }

  /** Whether nothing speaks against a range of that many blocks. */
  admitsRange(blocks: number, nowMs: number): boolean {
    return nowMs >= this.#rangeUntilMs || blocks < this.#refusedRangeBlocks
  }

  /** @param block - A block whose data the upstream said it does not hold. */
  pruned(block: number, nowMs: number): void {
    this.#earliestStateBlock = Math.max(this.#earliestStateBlock, block + 1)
    this.#prunedUntilMs = nowMs + prunedMs
  }

  offers(method: string, nowMs: number): boolean {
    const untilMs = this.#avoidedUntilMs.get(method)
    return untilMs === undefined || untilMs <= nowMs
  }

  /** Oldest block it may hold state for, 0 when nothing speaks against the whole chain. */
  earliestStateBlock(nowMs: number): number {
    return nowMs < this.#prunedUntilMs ? this.#earliestStateBlock : 0
  }

  /** The oldest goes first: names can be made up, and must not wash away all that was learned. */
  #avoid(method: string, untilMs: number): void {
    this.#avoidedUntilMs.delete(method)
    if (this.#avoidedUntilMs.size >= methodsMax) {
      const oldest = this.#avoidedUntilMs.keys().next().value
      if (oldest !== undefined) this.#avoidedUntilMs.delete(oldest)
    }
    this.#avoidedUntilMs.set(method, untilMs)
  }

  unsupportedMethods(nowMs: number): { method: string; leftMs: number }[] {
    return [...this.#avoidedUntilMs]
      .filter(([, untilMs]) => untilMs > nowMs)
      .map(([method, untilMs]) => ({ method, leftMs: untilMs - nowMs }))
  }
}
