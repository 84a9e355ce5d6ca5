import { familyOf } from '@mooring/chains/families'
import type { Hex } from '@mooring/protocol/relays/sessions'
import type { Clock } from '@mooring/telemetry/clock'
import type { Node } from '../relays/node.ts'

/** How long what the node called final is not asked for again, where it does not reach far enough. */
const askAgainMs = 1_000
const hashesMax = 1_024

/** Hashes of blocks that the node says are final. */
export class FinalBlocks {
  readonly #node: Node
  readonly #clock: Clock
  readonly #hashes = new Map<number, Hex>()
  #finalBlock = -1
  #askedMs = Number.NEGATIVE_INFINITY

  constructor(node: Node, clock: Clock) {
    this.#node = node
    this.#clock = clock
  }

  /** @returns Undefined for a block that is not final, as far as the node tells. */
  async hashOf(number: number): Promise<Hex | undefined> {
    const known = this.#hashes.get(number)
    if (known !== undefined) return known
    if (number > this.#finalBlock) await this.#look()
    if (number > this.#finalBlock) return undefined
    const header = await this.#headerOf(number)
    if (header?.number !== number || !/^0x[0-9a-f]{64}$/.test(header.hash)) return undefined
    // In the form of a hash.
    const hash = header.hash as Hex
    if (this.#hashes.size >= hashesMax) this.#hashes.clear()
    this.#hashes.set(number, hash)
    return hash
  }

  async #look(): Promise<void> {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#askedMs < askAgainMs) return
    this.#askedMs = nowMs
    const header = await this.#headerOf('finalized')
    if (header !== undefined) this.#finalBlock = Math.max(this.#finalBlock, header.number)
  }

  async #headerOf(block: number | 'finalized') {
    const family = familyOf(this.#node.definition.family)
    const { method, params } = family.probes.header(block)
    // Probes of blocks have a list of parameters.
    return family.parseHeader(await this.#node.ask(method, params as readonly unknown[]))
  }
}
