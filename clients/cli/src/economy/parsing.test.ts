import { expect, test } from 'bun:test'
import { parseAddress, parseHash, parseId } from './parsing.ts'

const address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

test('an address is taken with its checksum or without, and refused when mistyped', () => {
  expect(parseAddress(address, 'account')).toBe(address)
  expect(parseAddress(address.toLowerCase(), 'account')).toBe(address)
  expect(() => parseAddress(address.replace('dc3A', 'dC3A'), 'account')).toThrow('is mistyped')
  expect(() => parseAddress(address.slice(0, 41), 'account')).toThrow('is no account')
})

test.each(['0', '-1', '1.5', '01', 'one', '18446744073709551616'])('%p numbers nothing', (text) => {
  expect(() => parseId(text, 'provider')).toThrow('is no number of a provider')
})

test('the largest number of 64 bits is one', () => {
  expect(parseId('18446744073709551615', 'node')).toBe(2n ** 64n - 1n)
})

test('a hash is 32 bytes', () => {
  expect(parseHash(`0x${'Ab'.repeat(32)}`, 'hash')).toBe(`0x${'ab'.repeat(32)}`)
  expect(() => parseHash(`0x${'ab'.repeat(31)}`, 'hash')).toThrow('is no hash')
})
