import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { admits, isCovered, type Offer } from './admission.ts'

const open: Offer = { pool: undefined, servesCommunity: true }
const paidOnly: Offer = { pool: undefined, servesCommunity: false }
const somebody = { pools: [], isCommunity: false }
const community = { pools: [], isCommunity: true }

describe('an upstream', () => {
  test('serves whoever has no key only if it said so', () => {
    expect(admits(open, community)).toBe(true)
    expect(admits(paidOnly, community)).toBe(false)
    expect(admits(paidOnly, somebody)).toBe(true)
  })

  test('of a pool serves whoever has the pool', () => {
    const blue = { ...open, pool: 'blue' }
    expect(admits(blue, somebody)).toBe(false)
    expect(admits(blue, { ...somebody, pools: ['green', 'blue'] })).toBe(true)
  })

  test('stands in for another one only if it serves all whom that serves', () => {
    const pool = fc.option(fc.constantFrom('blue', 'green'), { nil: undefined })
    const offer = fc.record({ pool, servesCommunity: fc.boolean() })
    const pools = fc.subarray(['blue', 'green'])
    const asker = fc.record({ pools, isCommunity: fc.boolean() })
    fc.assert(
      fc.property(offer, offer, asker, (one, other, who) => {
        if (isCovered(one, other) && admits(one, who)) expect(admits(other, who)).toBe(true)
      }),
    )
  })
})
