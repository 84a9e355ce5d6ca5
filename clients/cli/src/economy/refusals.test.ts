import { describe, expect, test } from 'bun:test'
import type { Deployment } from '@mooring/onchain/deployment'
import { assetsWith } from './amounts.ts'
import { refusalText, stableOf } from './refusals.ts'

const tooSmall = (amount: bigint, min: bigint) => ({
  ...{ name: 'EscrowDepositTooSmall', args: { amount, min }, sentence: 'EscrowDepositTooSmall' },
})
const assets = assetsWith(6)

describe('what a contract refused with', () => {
  test("has amounts of the stablecoin in the token's units", () => {
    expect(refusalText(tooSmall(1_500_000n, 20_000_000n), assets.usd)).toBe(
      'escrow deposit too small: amount 1.5 USD, min 20 USD',
    )
  })

  test('has amounts of ANKR in its units', () => {
    expect(refusalText(tooSmall(10n ** 18n, 10n ** 21n))).toBe(
      'escrow deposit too small: amount 1 ANKR, min 1,000 ANKR',
    )
  })

  test('leaves numbers that are no amounts as they are', () => {
    const unknown = { name: 'EscrowUnknownRoot', args: { rootId: 7n }, sentence: '' }
    expect(refusalText(unknown, assets.usd)).toBe('escrow unknown root: root id 7')
  })
})

test('the stablecoin is what its own contracts deal in', () => {
  const [stable, stableEscrow, ankrEscrow] = ['aA', 'bB', 'cC'].map((two) => `0x${two.repeat(20)}`)
  const parts = { stable, stableEscrow, ankrEscrow }
  const system = { deployment: { chainId: 1, parts } as unknown as Deployment, assets }
  expect(stableOf(system, `0x${'aa'.repeat(20)}`)).toEqual(assets.usd)
  expect(stableOf(system, stableEscrow ?? '')).toEqual(assets.usd)
  expect(stableOf(system, ankrEscrow ?? '')).toBeUndefined()
})
