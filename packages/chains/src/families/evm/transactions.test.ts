import { expect, test } from 'bun:test'
import { bytesToHex } from '@noble/hashes/utils.js'
import * as fc from 'fast-check'
import { transactionHashOf } from './transactions.ts'

const hashOf = (raw: unknown, method = 'eth_sendRawTransaction') =>
  transactionHashOf({ id: 1, method, params: [raw] })

/** Signed example of EIP-155, with the hash it has on a chain of id 1. */
const eip155 =
  '0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83'

test('the signed example of EIP-155 has its hash', () => {
  expect(hashOf(eip155)).toBe('0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788')
})

test('every way to send a raw transaction that answers with its hash names it by the same hash', () => {
  const hash = hashOf(eip155)
  expect(hash).toBeDefined()
  expect(hashOf(eip155, 'eth_sendRawTransactionConditional')).toBe(hash)
})

test('a send that answers with more than the hash is not one the hash could answer', () => {
  expect(hashOf(eip155, 'eth_sendRawTransactionSync')).toBeUndefined()
  expect(hashOf(eip155, 'zks_sendRawTransactionWithDetailedOutput')).toBeUndefined()
})

test.each([
  undefined,
  null,
  7,
  {},
  '',
  '0x',
  '0xabc',
  'f86c',
  '0xzz',
  // Types hashed in another way, or not known.
  '0x71c0',
  '0x7fc0',
  '0x00',
  // A list that is shorter or longer than its header says.
  '0xc2',
  '0xc000',
  '0x03',
  '0x03c5c401',
])('%p has no hash', (raw) => {
  expect(hashOf(raw)).toBeUndefined()
})

test('a method that sends no raw transaction, and params by name, have no hash', () => {
  expect(hashOf(eip155, 'eth_call')).toBeUndefined()
  const params = { tx: eip155 }
  expect(transactionHashOf({ id: 1, method: 'eth_sendRawTransaction', params })).toBeUndefined()
})

test('any bytes give a hash or none, without throwing', () => {
  const start = fc.constantFrom(
    [],
    [3],
    [3, 0xf8],
    [3, 0xf9, 1],
    [3, 0xfb, 255, 255, 255, 255],
    [0xff],
  )
  const bytes = fc
    .tuple(start, fc.uint8Array({ maxLength: 80 }))
    .map(([first, rest]) => `0x${bytesToHex(Uint8Array.from([...first, ...rest]))}`)
  fc.assert(
    fc.property(fc.oneof(bytes, fc.jsonValue()), (raw) => {
      expect(hashOf(raw) ?? `0x${'0'.repeat(64)}`).toMatch(/^0x[0-9a-f]{64}$/)
    }),
    { numRuns: 300 },
  )
})
