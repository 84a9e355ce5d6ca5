import { describe, expect, test } from 'bun:test'
import {
  balanceOf,
  burned,
  given,
  heldBy,
  type Ledger,
  received,
  surplusOf,
  taken,
  transferred,
} from './ledger.ts'
import { Refused } from './refused.ts'

const ledger: Ledger = {
  balances: { ankr: new Map([['0xa', 100n]]), stable: new Map() },
  held: { ankr: new Map(), stable: new Map() },
  supply: { ankr: 100n, stable: 0n },
  movements: [],
}
const token = 'ankr'

describe('the ledger', () => {
  test('books what a contract takes, and not what it is sent unasked', () => {
    const asked = taken(ledger, { token, from: '0xa', to: 'stakingPool', amount: 60n })
    const both = transferred(asked, { token, from: '0xa', to: 'stakingPool', amount: 5n })
    expect(heldBy(both, token, 'stakingPool')).toBe(60n)
    expect(surplusOf(both, token, 'stakingPool')).toBe(5n)
    expect(
      heldBy(received(both, { token, to: 'stakingPool', amount: 5n }), token, 'stakingPool'),
    ).toBe(65n)
    expect(() => received(both, { token, to: 'stakingPool', amount: 6n })).toThrow(RangeError)
  })

  test('lets a contract pay only from what it holds for others, not from a gift', () => {
    const gift = transferred(ledger, { token, from: '0xa', to: 'feeRouter', amount: 10n })
    const pay = () => given(gift, { token, from: 'feeRouter', to: '0xb', amount: 1n })
    expect(pay).toThrow(RangeError)
  })

  test('refuses what somebody does not have, as the token does', () => {
    const send = () => transferred(ledger, { token, from: '0xa', to: '0xb', amount: 101n })
    expect(send).toThrow(new Refused(['ERC20InsufficientBalance']))
    const all = transferred(ledger, { token, from: '0xa', to: '0xb', amount: 100n })
    expect([balanceOf(all, token, '0xa'), balanceOf(all, token, '0xb')]).toEqual([0n, 100n])
  })

  test('a transfer to oneself changes no balance', () => {
    const same = transferred(ledger, { token, from: '0xa', to: '0xa', amount: 100n })
    expect(balanceOf(same, token, '0xa')).toBe(100n)
  })

  test('burning lessens the supply by what leaves the balance', () => {
    const less = transferred(ledger, { token, from: '0xa', to: burned, amount: 30n })
    expect([balanceOf(less, token, '0xa'), less.supply.ankr]).toEqual([70n, 70n])
  })
})
