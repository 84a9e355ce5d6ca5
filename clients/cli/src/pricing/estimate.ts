import type { FamilyName } from '@mooring/chains/chain'
import { familyOf } from '@mooring/chains/families'
import { isAdvanced, type PriceTable } from '@mooring/market/pricing/price-table'
import { createPricing } from '@mooring/market/pricing/pricing'

export type PricedMethod = {
  method: string
  count: number
  /** Credits of one call; 0 for a method that nobody is served, which is refused and not charged. */
  credits: number
  totalCredits: bigint
}

export type Estimate = { methods: readonly PricedMethod[]; calls: number; totalCredits: bigint }

/** What calls over HTTP cost when each of them is served; the dearest methods come first. */
export function estimateOf(
  counts: ReadonlyMap<string, number>,
  table: PriceTable,
  family: FamilyName,
): Estimate {
  const pricing = createPricing(table)
  const methods = [...counts].map(([method, count]): PricedMethod => {
    const credits = isRefused(method, family)
      ? 0
      : pricing.priceOf({ family, method, transport: 'http' })
    return { method, count, credits, totalCredits: BigInt(count) * BigInt(credits) }
  })
  return {
    methods: methods.sort(byTotal),
    calls: methods.reduce((sum, { count }) => sum + count, 0),
    totalCredits: methods.reduce((sum, { totalCredits }) => sum + totalCredits, 0n),
  }
}

function isRefused(method: string, family: FamilyName): boolean {
  return !isAdvanced(method) && familyOf(family).policyOf(method).effect === 'refused'
}

function byTotal(one: PricedMethod, other: PricedMethod): number {
  if (one.totalCredits !== other.totalCredits) return one.totalCredits > other.totalCredits ? -1 : 1
  return one.method < other.method ? -1 : 1
}
