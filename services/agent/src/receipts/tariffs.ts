import { bundledTables } from '@mooring/market/pricing/bundled-tables'
import { createPricing, type Pricing } from '@mooring/market/pricing/pricing'
import type { Receipt } from '@mooring/protocol/relays/receipts'
import type { ChainTerms } from '../chain/terms.ts'
import { Refusal } from '../refusal.ts'

/** Which table of prices counts for a receipt, as the chain names it. */
export class Tariffs {
  readonly #terms: () => ChainTerms | undefined
  readonly #tables = new Map<string, Pricing>(
    [...bundledTables].map(([hash, { table }]) => [hash, createPricing(table)]),
  )

  constructor(terms: () => ChainTerms | undefined) {
    this.#terms = terms
  }

  /**
   * The prices of a receipt's epoch; undefined where this version has them not. Throws a `Refusal` where the epoch or the
   * table is not the one that counts.
   */
  of({ epoch, tariff }: Pick<Receipt, 'epoch' | 'tariff'>): Pricing | undefined {
    const terms = this.#terms()
    if (terms === undefined) throw new Refusal('later', 'the contracts cannot be read at present')
    // The gateway may have seen an epoch begin before this agent has.
    if (epoch === terms.epoch + 1n) {
      throw new Refusal('later', `epoch ${epoch} has not begun, as this agent reads the chain`)
    }
    const inForce = terms.tariffs.get(epoch)
    if (inForce === undefined) throw new Refusal('wrong-epoch', `the epoch is ${terms.epoch}`)
    if (tariff !== inForce) {
      throw new Refusal('wrong-tariff', `the table of prices of epoch ${epoch} is ${inForce}`)
    }
    return this.#tables.get(tariff)
  }
}
