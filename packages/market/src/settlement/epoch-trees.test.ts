import { describe, expect, test } from 'bun:test'
import { toHex } from './bytes.ts'
import { keccak, smallInputs } from './epoch.fixtures.ts'
import {
  chargeLeaf,
  chargesTree,
  payoutsRootOf,
  performanceLeaf,
  performanceTree,
  receiptsTree,
} from './epoch-trees.ts'
import { settleEpoch } from './settle-epoch.ts'

const word = (value: bigint | number) => value.toString(16).padStart(64, '0')
const token = 10n ** 18n

describe('the trees of an epoch', () => {
  test('say what all of their leaves come to, each asset for itself', () => {
    expect(chargesTree(smallInputs, keccak).sums).toEqual([3_900n, 16n * token, 50n])
    expect(performanceTree(smallInputs, keccak).sums).toEqual([2_270n, 2_230n, 20n, 4n, 3_200n])
    expect(receiptsTree(smallInputs, keccak).sums).toEqual([320n, 2_950n])
  })

  test('have leaves as they are written down', () => {
    const [, , usd] = smallInputs.charges
    const [row] = smallInputs.performance
    if (!(usd && row)) throw new Error('the example has one of each')
    const charge = toHex(chargeLeaf(usd).body)
    expect(charge).toBe(`0x${[0xc2, 1].map(word).join('')}`)
    const chain = `${Buffer.from('bsc').toString('hex')}${'00'.repeat(29)}`
    expect(toHex(performanceLeaf(row, 7n).body)).toBe(`0x${word(1)}${word(7)}${chain}`)
  })

  test('have the roots that they had when this was written', () => {
    const { roots } = settleEpoch(smallInputs, keccak)
    expect(roots).toMatchSnapshot()
    expect(payoutsRootOf([], keccak)).toBe(`0x${'00'.repeat(32)}`)
  })
})
