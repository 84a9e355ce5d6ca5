import { expect, test } from 'bun:test'
import { targetOf, transactionHashOf } from '@mooring/chains/families/evm/transactions'
import {
  concatHex,
  type Hex,
  keccak256,
  serializeTransaction,
  type TransactionSerializable,
  toRlp,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const to = `0x${'22'.repeat(20)}` as const
const fees = { maxFeePerGas: 10n, maxPriorityFeePerGas: 1n }
const hashOf = (raw: string, method = 'eth_sendRawTransaction') =>
  transactionHashOf({ id: 1, method, params: [raw] })

const transactions: TransactionSerializable[] = [
  { type: 'legacy', chainId: 1, nonce: 7, gas: 21_000n, gasPrice: 5n, to, value: 1n },
  { type: 'eip2930', chainId: 1, gas: 30_000n, gasPrice: 5n, to, accessList: [] },
  { type: 'eip1559', chainId: 1, gas: 90_000n, ...fees, to, data: `0x${'ab'.repeat(300)}` },
  {
    type: 'eip7702',
    chainId: 1,
    gas: 90_000n,
    ...fees,
    to,
    authorizationList: [{ address: to, chainId: 1, nonce: 1, r: '0x1', s: '0x2', yParity: 0 }],
  },
]

test.each(transactions)('a signed $type transaction has the hash viem gives it', async (tx) => {
  const raw = await account.signTransaction(tx)
  expect(hashOf(raw)).toBe(keccak256(raw))
  expect(hashOf(raw.toUpperCase().replace('0X', '0x'))).toBe(keccak256(raw))
})

test.each(transactions)('a signed $type transaction goes where viem sent it', async (tx) => {
  expect(targetOf(await account.signTransaction(tx))).toBe(to)
})

test('a transaction that makes a contract goes nowhere', async () => {
  const raw = await account.signTransaction({ ...fees, type: 'eip1559', chainId: 1, data: '0x60' })
  expect(targetOf(raw)).toBeUndefined()
})

const blob = `0x${'00'.repeat(131_072)}` as const
const proof = `0x${'cd'.repeat(48)}` as const
const blobTransaction = {
  type: 'eip4844',
  chainId: 1,
  gas: 90_000n,
  ...fees,
  maxFeePerBlobGas: 3n,
  to,
  blobVersionedHashes: [`0x01${'ef'.repeat(31)}`],
} as const

test('a blob transaction has one hash, with its blobs and without', async () => {
  const bare = await account.signTransaction(blobTransaction)
  const sidecars = [{ blob, commitment: proof, proof }]
  const wrapped = await account.signTransaction({ ...blobTransaction, sidecars })
  expect(wrapped.length).toBeGreaterThan(blob.length)
  expect(hashOf(bare)).toBe(keccak256(bare))
  expect(hashOf(wrapped)).toBe(keccak256(bare))
  expect([targetOf(bare), targetOf(wrapped)]).toEqual([to, to])
})

test('a wrapper with a version byte has the same hash', () => {
  const body: Hex[] = ['0x01', '0x', '0x', '0x05', '0x5208', to, '0x', '0x']
  const bare = concatHex(['0x03', toRlp(body)])
  const wrapped = concatHex(['0x03', toRlp([body, '0x01', [blob], [proof], [proof, proof]])])
  expect(hashOf(wrapped)).toBe(keccak256(bare))
})

test('a blob transaction that is cut short or followed by more has no hash', async () => {
  const raw = await account.signTransaction(blobTransaction)
  expect(hashOf(raw.slice(0, -2))).toBeUndefined()
  expect(hashOf(`${raw}00`)).toBeUndefined()
})

test('a private transaction is no request for a hash', () => {
  const raw = serializeTransaction({ type: 'legacy', gas: 21_000n, gasPrice: 5n, to })
  expect(hashOf(raw, 'eth_sendPrivateRawTransaction')).toBeUndefined()
})
