import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  accountNameOf,
  chainNameOf,
  depositNameOf,
  issuerOf,
  parseAccountName,
  parseDepositName,
} from './names.ts'

const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: digits, maxLength: digits })
    .map((all) => `0x${all.join('')}`)
const chainId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })

describe('the name of an account', () => {
  test('is read as what it was made of', () => {
    fc.assert(
      fc.property(chainId, hex(40), (id, address) => {
        const read = parseAccountName(accountNameOf(id, address))
        expect(read).toEqual({ chainId: id, address: address.toLowerCase() })
      }),
    )
  })

  test('is one, however its address is written', () => {
    const address = `0x${'aB'.repeat(20)}`
    expect(accountNameOf(1, address)).toBe(accountNameOf(1, address.toLowerCase()))
    expect(parseAccountName(`eip155:1:${address}`)).toBeUndefined()
  })

  test.each([
    '',
    'eip155:1',
    `eip155:01:0x${'a'.repeat(40)}`,
    `eip155:0:0x${'a'.repeat(40)}`,
    `eip155:9007199254740993:0x${'a'.repeat(40)}`,
    `eip155:1:0x${'a'.repeat(39)}`,
    `eip155:1:0x${'a'.repeat(40)}:`,
    `eip155:1:0x${'a'.repeat(40)}\n`,
    `solana:1:0x${'a'.repeat(40)}`,
    ` eip155:1:0x${'a'.repeat(40)}`,
  ])('is not %j', (text) => {
    expect(parseAccountName(text)).toBeUndefined()
  })

  test('is, where it is one, what it would be written as', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = parseAccountName(text)
        if (read !== undefined) expect(accountNameOf(read.chainId, read.address)).toBe(text)
      }),
    )
  })
})

describe('the name of a deposit', () => {
  test('is read as what it was made of', () => {
    const logIndex = fc.integer({ min: 0, max: 999_999_999 })
    fc.assert(
      fc.property(chainId, hex(64), logIndex, (id, transactionHash, index) => {
        const place = { chainId: id, transactionHash, logIndex: index }
        const read = parseDepositName(depositNameOf(place))
        expect(read).toEqual({ ...place, transactionHash: transactionHash.toLowerCase() })
      }),
    )
  })

  test.each([
    '',
    `eip155:1/0x${'a'.repeat(64)}`,
    `eip155:1/0x${'a'.repeat(64)}/01`,
    `eip155:1/0x${'a'.repeat(64)}/-1`,
    `eip155:1/0x${'a'.repeat(64)}/1/2`,
    `eip155:1/0x${'a'.repeat(63)}/1`,
    `eip155:x/0x${'a'.repeat(64)}/1`,
    `eip155:1/0x${'A'.repeat(64)}/1`,
    `1/0x${'a'.repeat(64)}/1`,
  ])('is not %j', (text) => {
    expect(parseDepositName(text)).toBeUndefined()
  })
})

test('an issuer is named by the chain and the escrow it stands on', () => {
  expect(chainNameOf(10)).toBe('eip155:10')
  expect(issuerOf(10, `0x${'AB'.repeat(20)}`)).toBe(`mooring:eip155:10:0x${'ab'.repeat(20)}`)
})
