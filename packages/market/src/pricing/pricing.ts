import { isAdvanced, type PriceClasses, type PriceTable, type Transport } from './price-table.ts'

export type PricedCall = { family: string; method: string; transport: Transport }

/** A table made ready for the relay path: a price is two look-ups, whatever a caller sends. */
export type Pricing = {
  table: PriceTable
  /** Credits of a call; a positive safe integer, also for a method, or a family, that the table does not name. */
  priceOf(call: PricedCall): number
  /** Credits of one message that a subscription sends. */
  notificationPriceOf(family: string): number
}

type Prices = { ofMethod: ReadonlyMap<string, number>; byDefault: number; ofNotification: number }

/** @param table - One that `parsePriceTable` has passed. */
export function createPricing(table: PriceTable): Pricing {
  const { transports, advanced } = table
  // Maps, so that names such as `constructor` find nothing.
  const families = new Map<string, Prices>()
  for (const [family, { classes, defaultCredits, notificationCredits }] of Object.entries(
    table.families,
  )) {
    families.set(family, {
      ofMethod: pricesOf(classes, advanced.classes),
      byDefault: defaultCredits,
      ofNotification: notificationCredits,
    })
  }
  const unknownFamily: Prices = {
    ofMethod: pricesOf(advanced.classes),
    byDefault: table.default.credits,
    ofNotification: table.default.notificationCredits,
  }
  return {
    table,
    priceOf: ({ family, method, transport }) => {
      const prices = families.get(family) ?? unknownFamily
      const credits =
        prices.ofMethod.get(method) ??
        (isAdvanced(method) ? advanced.defaultCredits : prices.byDefault)
      return credits + transports[transport].surchargeCredits
    },
    notificationPriceOf: (family) => (families.get(family) ?? unknownFamily).ofNotification,
  }
}

function pricesOf(...groups: readonly PriceClasses[]): Map<string, number> {
  const prices = new Map<string, number>()
  for (const classes of groups) {
    for (const { credits, methods } of Object.values(classes)) {
      for (const method of methods) prices.set(method, credits)
    }
  }
  return prices
}
