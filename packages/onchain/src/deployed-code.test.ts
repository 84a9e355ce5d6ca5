import { expect, test } from 'bun:test'
import { keccak256 } from 'viem'
import { isCodeOf, maskedCodeHash } from './deployed-code.ts'

test('what stands in a gap does not count, and everything else does', () => {
  const gaps = [[1, 2]] as const
  expect(maskedCodeHash('0x01aabb04', gaps)).toBe(keccak256('0x01000004'))
  expect(maskedCodeHash('0x01ccdd04', gaps)).toBe(keccak256('0x01000004'))
  expect(maskedCodeHash('0x02aabb04', gaps)).not.toBe(keccak256('0x01000004'))
})

test('code that ends before a gap is the code of something else, not a mistake', () => {
  expect(isCodeOf('escrow', '0x')).toBe(false)
  expect(isCodeOf('escrow', '0x6001')).toBe(false)
})
