import { expect, test } from 'bun:test'
import { contractErrors } from './contract-errors.ts'
import { known, Refused, refuseIf } from './refused.ts'

test('every error has one name', () => {
  expect(new Set(contractErrors).size).toBe(contractErrors.length)
})

test('a refusal names every condition that was broken, and nothing that was not', () => {
  const refuse = () =>
    refuseIf({ StakingPoolLocked: true, StakingPoolZeroAmount: false, StakingPoolNotOwner: true })
  expect(refuse).toThrow(new Refused(['StakingPoolLocked', 'StakingPoolNotOwner']))
  expect(() => refuseIf({ StakingPoolLocked: false })).not.toThrow()
  expect(() => known(undefined, 'EscrowUnknownRoot')).toThrow('EscrowUnknownRoot')
  expect(known(0, 'EscrowUnknownRoot')).toBe(0)
})
