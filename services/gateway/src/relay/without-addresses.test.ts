import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { dataWithoutPlaces, withoutAddresses, withoutPlaces } from './without-addresses.ts'

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

const known: [string, string][] = [
  [
    'header not found (upstream http://10.0.0.5:8545/v2/KEY)',
    'header not found (upstream (address)',
  ],
  ['txpool is full at node-7.internal:8545', 'txpool is full at (address)'],
  ['cannot unmarshal into Go value of type common.Address', ''],
  ['nonce too low: next nonce 5, tx nonce 4', ''],
  ['max fee per gas less than block base fee: maxFeePerGas:100, baseFee:200', ''],
  ['query returned more than 10000 results, try [0x1a, 0x2b]', ''],
]

test.each(known)('the known words %p are told without the place alone', (text, told) => {
  expect(withoutPlaces(text)).toBe(told === '' ? text : told)
})

test('data is told without places, stays JSON, and keeps its bytes where it holds none', () => {
  expect(dataWithoutPlaces('{"upstream":"https://eth.vendor.example/v2/KEY","at":[1]}')).toBe(
    '{"upstream":"(address)","at":[1]}',
  )
  const bytes = '{"a" : 12345678901234567890, "b":"0x08c379a0"}'
  expect(dataWithoutPlaces(bytes)).toBe(bytes)
  fc.assert(
    fc.property(fc.jsonValue(), fc.boolean(), (value, isOdd) => {
      const whole = isOdd ? { value, url: 'http://x\\"y' } : value
      JSON.parse(dataWithoutPlaces(JSON.stringify(whole)))
    }),
  )
})
