import { expect, test } from 'bun:test'
import type { NamedTable } from '@mooring/onchain/prices'
import { type ChainTerms, priceTermsOf } from './terms.ts'

const table = (hash: `0x${string}`, startsAtSeconds: bigint): NamedTable => ({
  ...{ hash, uri: '', firstEpoch: 1n, startsAtSeconds },
})
const noCap = { min: 0n, ppm: 0n }

function terms(waiting: NamedTable | undefined): ChainTerms {
  return {
    caps: { ankr: noCap, usd: noCap },
    ...{ periodSeconds: 1n, discountPpm: 0n, rateStaleSeconds: 1n, stableUnit: 1n },
    prices: { inForce: table('0xaa', 0n), waiting },
    ...{ epoch: 0n, chainSeconds: 1_000n, readMs: 50 },
  }
}

test('a table that waits is told with the time until it counts, and takes over without another look', () => {
  expect(priceTermsOf(terms(undefined), 60)).toEqual({ hash: '0xaa', next: null })
  const waiting = terms(table('0xbb', 1_010n))
  const next = { hash: '0xbb', inMs: 9_990 }
  expect(priceTermsOf(waiting, 60)).toEqual({ hash: '0xaa', next })
  expect(priceTermsOf(waiting, 10_050)).toEqual({ hash: '0xbb', next: null })
})
