import { expect, test } from 'bun:test'
import { signableOf } from '@mooring/chains/families/evm/signable'
import fc from 'fast-check'
import { encodeAbiParameters, getAddress, type Hex, keccak256, parseAbiParameters } from 'viem'

const bytes = (count: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: count, maxLength: count }).map((value): Hex => `0x${value.toHex()}`)
const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
const number = fc.nat({ max: 2 ** 31 })
const quantity = (value: bigint | number): Hex => `0x${value.toString(16)}`
const encode = (types: string, values: readonly unknown[]) =>
  encodeAbiParameters(parseAbiParameters(types), values as never)
const signable = (method: string, params: readonly unknown[]) =>
  signableOf({ id: 1, method, params })

test('parameters and values are what viem encodes', () => {
  fc.assert(
    fc.property(
      bytes(20),
      uint256,
      uint256,
      number,
      bytes(32),
      (account, slot, value, block, hash) => {
        const at = quantity(block)
        for (const address of [account, getAddress(account)]) {
          for (const method of ['eth_getBalance', 'eth_getTransactionCount']) {
            const found = signable(method, [address, at])
            expect(found?.params).toBe(encode('address', [account]))
            expect(found?.block).toEqual({ kind: 'number', number: block })
            expect(found?.read(quantity(value))?.value).toBe(encode('uint256', [value]))
          }
          const stored = signable('eth_getStorageAt', [
            address,
            quantity(slot),
            { blockHash: hash },
          ])
          expect(stored?.params).toBe(encode('address, uint256', [account, slot]))
          expect(stored?.block).toEqual({ kind: 'hash', hash })
          expect(stored?.read(hash)?.value).toBe(encode('bytes32', [hash]))
        }
        const numbered = signable('eth_getBlockByNumber', [at, false])
        expect(numbered?.params).toBe(encode('uint256', [BigInt(block)]))
        expect(numbered?.read({ hash })).toEqual({ value: hash, blockHash: hash })
      },
    ),
  )
})

test('of code its hash is the value', () => {
  fc.assert(
    fc.property(bytes(20), fc.uint8Array({ maxLength: 300 }), (account, code) => {
      const found = signable('eth_getCode', [account, '0x1'])
      expect(found?.read(`0x${code.toHex()}`)?.value).toBe(keccak256(code))
    }),
  )
})

test('what names no block for good, or has another form, is not signed', () => {
  const account = `0x${'ab'.repeat(20)}`
  const hash = `0x${'cd'.repeat(32)}`
  for (const block of [
    'latest',
    'pending',
    'safe',
    'finalized',
    'earliest',
    hash,
    null,
    undefined,
    1,
    {},
    [],
    { blockHash: '0x1' },
    { blockHash: hash, blockNumber: '0x1' },
  ]) {
    expect(signable('eth_getBalance', [account, block]), JSON.stringify(block)).toBeUndefined()
  }
  expect(signable('eth_getBalance', ['0xab', '0x1'])).toBeUndefined()
  expect(signable('eth_getBalance', [])).toBeUndefined()
  expect(signable('eth_call', [{ to: account }, '0x1'])).toBeUndefined()
  expect(signable('constructor', [account, '0x1'])).toBeUndefined()
  const balance = signable('eth_getBalance', [account, '0x1'])
  for (const result of [null, 1, '', '0x', 'x', `0x1${'0'.repeat(64)}`, {}]) {
    expect(balance?.read(result)).toBeUndefined()
  }
  expect(signable('eth_getCode', [account, '0x1'])?.read('0xabc')).toBeUndefined()
  expect(signable('eth_getBlockByNumber', ['0x1', false])?.read(null)).toBeUndefined()
})
