import { expect, test } from 'bun:test'
import { localResultOf } from './local-results.ts'
import { localMethods } from './methods.ts'

const facts = { chainId: 137, clientVersion: 'Mooring/1.2.3', headBlock: () => 255 }

test.each([
  ['eth_chainId', '0x89'],
  ['net_version', '137'],
  ['web3_clientVersion', 'Mooring/1.2.3'],
  ['eth_blockNumber', '0xff'],
  ['eth_accounts', []],
  ['net_listening', true],
  ['eth_syncing', false],
])('%s is answered with %j', (method, result) => {
  expect<unknown>(localResultOf(method, facts)).toEqual(result)
})

test('every local method has a result, and no other method has', () => {
  for (const method of localMethods) expect(localResultOf(method, facts), method).toBeDefined()
  expect(localResultOf('eth_call', facts)).toBeUndefined()
  expect(localResultOf('constructor', facts)).toBeUndefined()
})

test('a head nobody can confirm is the caller’s to refuse', () => {
  const headBlock = () => {
    throw new Error('no head')
  }
  expect(() => localResultOf('eth_blockNumber', { ...facts, headBlock })).toThrow('no head')
  expect(localResultOf('eth_chainId', { ...facts, headBlock })).toBe('0x89')
})
