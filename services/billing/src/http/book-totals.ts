import type { AssetTotals, BookTotals } from '@mooring/protocol/metering/book-totals'
import type { Database } from '@mooring/store/database'
import { readBookTotals, type AssetTotals as Sums } from '@mooring/store/ledger/book-totals'
import type { Hono } from 'hono'
import { Refusal } from '../refusal.ts'

/** What the books hold for all accounts, for who compares it with the contracts. */
export function serveBookTotals(app: Hono, database: Database): void {
  app.get('/v1/books/totals', async (context) => {
    const totals = await readBookTotals(database)
    if (totals === undefined) throw new Refusal(503, 'no block was read yet: try again')
    const { readTo, ankr, usd } = totals
    const block = { number: String(readTo.number), hash: readTo.hash }
    const answer: BookTotals = { block, ankr: texts(ankr), usd: texts(usd) }
    return context.json(answer)
  })
}

function texts(sums: Sums): AssetTotals {
  const { tokens, accrued, missing, uncredited, early, unbooked } = sums
  return {
    ...{ tokens: String(tokens), accrued: String(accrued), missing: String(missing) },
    ...{ uncredited: String(uncredited), early: String(early), unbooked: String(unbooked) },
  }
}
