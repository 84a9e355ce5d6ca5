import { describe, expect, test } from 'bun:test'
import { families } from '@mooring/chains/families'
import { evmMethods } from '@mooring/chains/families/evm/methods'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { createPricing } from '@mooring/market/pricing/pricing'
import { tableHashOf } from '@mooring/market/pricing/table-hash'
import { keccak256, toBytes } from 'viem'

const { table } = newestTable

describe('the newest table of prices', () => {
  test('has a row for every family, and none for what is no family', () => {
    expect(Object.keys(table.families).sort()).toEqual(Object.keys(families).sort())
  })

  test('names every method that a family knows, and none that it does not', () => {
    const named = Object.values(table.families.evm?.classes ?? {}).flatMap(({ methods }) => methods)
    expect([...named].sort()).toEqual(Object.keys(evmMethods).sort())
  })

  test('takes more for work than for a plain call, and less for what is at hand', () => {
    const pricing = createPricing(table)
    const priceOf = (method: string) =>
      pricing.priceOf({ family: 'evm', method, transport: 'http' })
    for (const [method, policy] of Object.entries(evmMethods)) {
      if (policy.effect === 'local' && method !== 'eth_blockNumber') {
        expect([method, priceOf(method)]).toEqual([method, 100])
      }
      if (policy.effect === 'write' || policy.deadline === 'trace') {
        expect([method, priceOf(method) >= 800]).toEqual([method, true])
      }
    }
  })

  test('is known by the hash that other libraries make of the same text', () => {
    const text = JSON.stringify(sorted(table))
    expect(tableHashOf(table)).toBe(keccak256(toBytes(text)))
  })
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]): [string, unknown] => [name, sorted(member)])
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
}
