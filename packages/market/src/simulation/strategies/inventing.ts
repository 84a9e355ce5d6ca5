import { common, networkOf, player, worth } from '../network.ts'
import type { Strategy, Terms } from '../strategy.ts'

const party = { providers: [player], accounts: [] }

function inventing(terms: Terms, parts: { booked: number; receipted: number }) {
  const honest = networkOf(terms)
  const [booked, receipted] = [
    worth(parts.booked, terms.values),
    worth(parts.receipted, terms.values),
  ]
  const work = { providerId: player, chain: common, booked, receipted }
  return { honest, cheat: { ...honest, invented: [work] }, party }
}

/** A node that has receipts which no gateway booked, or a gateway that books what no node has receipts of. */
export const byOneAlone: Strategy = {
  name: 'work invented by one',
  why: 'the lesser of books and receipts counts, so the one gains nothing without the other',
  attempts: (terms) => [
    { how: 'receipts without books', ...inventing(terms, { booked: 0, receipted: 50_000 }) },
    { how: 'books without receipts', ...inventing(terms, { booked: 50_000, receipted: 0 }) },
  ],
}

/** Not one of those that lose: what keeps it is that gateways are admitted, bonded and can be shown. */
export const byBoth: Strategy = {
  name: 'work invented by a gateway and a node',
  why: 'each has the other’s word; it takes the cache’s part first, and after that more was relayed than charged, which shows',
  attempts: (terms) =>
    [20_000, 100_000, 1_000_000].map((credits) => ({
      how: `worth ${credits / 1_000}k a week`,
      ...inventing(terms, { booked: credits, receipted: credits }),
    })),
}
