import type { Clock } from '@mooring/telemetry/clock'
import { type Caller, chainKeyOf } from '../exchange.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { Upstream } from '../upstreams/upstream.ts'

/** Callers remembered at once; the oldest is forgotten first. */
const sendersMax = 100_000
/** A transaction that is not in a block after this long is one that all nodes have heard of. */
const rememberedBlocks = 5
const rememberedMsMin = 15_000

/**
 * Which upstream took a caller's last transaction. Until it has spread, that one alone knows it, and a
 * wallet that asked another for its next nonce would use the same one twice.
 */
export class RecentSends {
  readonly #clock: Clock
  readonly #sends = new Map<string, { upstream: Upstream; untilMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  record(caller: Caller, chain: ServedChain, upstream: Upstream): void {
    const key = chainKeyOf(caller, chain)
    // Deleted first, so that the order of the map is the order of the last sends.
    this.#sends.delete(key)
    if (this.#sends.size >= sendersMax) {
      const oldest = this.#sends.keys().next().value
      if (oldest !== undefined) this.#sends.delete(oldest)
    }
    const forMs = Math.max(rememberedMsMin, chain.definition.blockTimeMs * rememberedBlocks)
    this.#sends.set(key, { upstream, untilMs: this.#clock.nowMs() + forMs })
  }

  /** The upstream that knows what this caller has sent; undefined when any does. */
  upstreamOf(caller: Caller, chain: ServedChain): Upstream | undefined {
    const key = chainKeyOf(caller, chain)
    const send = this.#sends.get(key)
    if (send === undefined || send.untilMs > this.#clock.nowMs()) return send?.upstream
    this.#sends.delete(key)
    return undefined
  }
}
