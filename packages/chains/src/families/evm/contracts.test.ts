import { describe, expect, test } from 'bun:test'
import type { RpcParams } from '@mooring/protocol/json-rpc/request'
import fc from 'fast-check'
import { contractsOf } from './contracts.ts'
import { evmMethods } from './methods.ts'

const here = `0x${'Aa'.repeat(20)}`
const named = { kind: 'named', contracts: [here.toLowerCase()] } as const
const useOf = (method: string, params: unknown) =>
  contractsOf({ id: 1, method, params: params as RpcParams })

describe('the contract a request is about', () => {
  test('is where its method has it', () => {
    expect(useOf('eth_call', [{ to: here, data: '0x' }, 'latest'])).toEqual(named)
    expect(useOf('eth_estimateGas', [{ to: here }])).toEqual(named)
    expect(useOf('eth_getStorageAt', [here, '0x0', 'latest'])).toEqual(named)
    expect(useOf('eth_getLogs', [{ address: here }])).toEqual(named)
    expect(useOf('eth_getLogs', [{ address: [here, here] }])).toEqual({
      kind: 'named',
      contracts: [here.toLowerCase(), here.toLowerCase()],
    })
    expect(useOf('eth_blockNumber', [])).toEqual({ kind: 'none' })
  })

  test.each([
    ['a method without a row', 'eth_simulateV1', [{}]],
    ['a method nobody knows', 'constructor', []],
    ['code that is run but not kept', 'eth_call', [{ data: '0x6000' }, 'latest']],
    ['a null in the place of an address', 'eth_call', [{ to: null }, 'latest']],
    [
      'other code put in its place',
      'eth_call',
      [{ to: here }, 'latest', { [here]: { code: '0x' } }],
    ],
    [
      'an address under a name that some nodes take',
      'eth_call',
      [{ to: here, TO: here }, 'latest'],
    ],
    ['logs of every contract', 'eth_getLogs', [{}]],
    ['logs of none', 'eth_getLogs', [{ address: [] }]],
    ['logs of one and of what is no address', 'eth_getLogs', [{ address: [here, 'x'] }]],
    ['params by name', 'eth_call', { to: here }],
    ['a transaction that cannot be read', 'eth_sendRawTransaction', ['0x02c0']],
  ])('may be any: %s', (_what, method, params) => {
    expect(useOf(method, params)).toEqual({ kind: 'any' })
  })

  test('is told of whatever is sent, and never by throwing', () => {
    const method = fc.constantFrom(...Object.keys(evmMethods))
    fc.assert(
      fc.property(method, fc.jsonValue(), (name, params) => {
        expect(['none', 'any', 'named']).toContain(useOf(name, params).kind)
      }),
    )
  })
})
