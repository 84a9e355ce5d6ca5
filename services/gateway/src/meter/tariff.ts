import { bundledTables } from '@mooring/market/pricing/bundled-tables'
import type { PriceTable } from '@mooring/market/pricing/price-table'
import { createPricing, type Pricing } from '@mooring/market/pricing/pricing'
import { tableHashOf } from '@mooring/market/pricing/table-hash'
import type { PriceTerms } from '@mooring/protocol/metering/wire'

/**
 * Which table of prices is in force, as the ledger reads it from the chain. A table is known by its hash: a gateway that
 * does not have the one that is named has no prices, rather than other ones.
 */
export class Tariff {
  readonly #bundled = new Map(
    [...bundledTables].map(([hash, { table }]): [string, Pricing] => [hash, createPricing(table)]),
  )
  /** Of the operator's file. */
  #given: { hash: string; pricing: Pricing } | undefined
  #hash: string | undefined
  #next: { hash: string; fromMs: number } | undefined
  #inForce: Pricing | undefined
  readonly #onTaken: (named: { hash: string; isKnown: boolean }) => void

  /** @param onTaken - Called when another table is in force, or the one that is has come or gone. */
  constructor(onTaken: (named: { hash: string; isKnown: boolean }) => void) {
    this.#onTaken = onTaken
  }

  /** The hash that the ledger has named, and whether its table is here. */
  get named(): { hash: string | undefined; isKnown: boolean } {
    return { hash: this.#hash, isKnown: this.#inForce !== undefined }
  }

  /** @param table - One that this version does not come with; undefined for none. */
  offer(table: PriceTable | undefined): void {
    this.#given = table && { hash: tableHashOf(table), pricing: createPricing(table) }
    this.#take(this.#hash)
  }

  /** @param nowMs - When it was told, by the clock that never steps back. */
  tell({ hash, next }: PriceTerms, nowMs: number): void {
    this.#next = next === null ? undefined : { hash: next.hash, fromMs: nowMs + next.inMs }
    if (hash !== this.#hash) this.#take(hash)
  }

  /** The prices of this moment; undefined where their table is not here. */
  at(nowMs: number): Pricing | undefined {
    if (this.#next !== undefined && nowMs >= this.#next.fromMs) {
      this.#take(this.#next.hash)
      this.#next = undefined
    }
    return this.#inForce
  }

  #take(hash: string | undefined): void {
    this.#hash = hash
    if (hash === undefined) return
    const { hash: given, pricing } = this.#given ?? {}
    this.#inForce = this.#bundled.get(hash) ?? (given === hash ? pricing : undefined)
    this.#onTaken({ hash, isKnown: this.#inForce !== undefined })
  }
}
