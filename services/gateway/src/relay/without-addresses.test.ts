import { expect, test } from 'bun:test'
import { withoutAddresses } from './without-addresses.ts'

const texts: [string, string][] = [
  ['dial tcp 10.1.2.3:8545: connect: refused', 'dial tcp (address): connect: refused'],
  ['Post "https://user:pw@node.example/v3/KEY": EOF', 'Post "(address)": EOF'],
  ['enode://abc@203.0.113.7:30303', '(address)'],
  ['no route to [2001:db8::1]:443', 'no route to (address)'],
  ['lookup node-7.internal on resolver', 'lookup (address) on resolver'],
  ['upstream node-7:8545 failed', 'upstream (address) failed'],
  ['header not found', 'header not found'],
  ['gas required exceeds allowance (21000)', 'gas required exceeds allowance (21000)'],
  ['zorp: unexpected value 0x12', 'zorp: unexpected value 0x12'],
]

test.each(texts)('%p is told as %p', (text, told) => {
  expect(withoutAddresses(text)).toBe(told)
})
