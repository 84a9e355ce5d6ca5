import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { bundledTables, newestTable } from './bundled-tables.ts'
import { mixSumCredits, wholeMixPpm } from './mix.ts'
import { isAdvanced, transports } from './price-table.ts'
import { createPricing } from './pricing.ts'
import { tableHashOf } from './table-hash.ts'

const { table } = newestTable
const pricing = createPricing(table)
const http = (family: string, method: string) =>
  pricing.priceOf({ family, method, transport: 'http' })

describe('what the table does not name', () => {
  test('a method costs what its family takes for the unknown, also one called like a part of JavaScript', () => {
    for (const method of ['eth_notInvented', '', 'constructor', '__proto__', 'toString']) {
      expect(http('evm', method)).toBe(500)
    }
  })

  test('a family costs what the table takes for the unknown, whatever the method', () => {
    for (const family of ['solana', '', 'constructor', '__proto__', 'advanced']) {
      expect(http(family, 'eth_chainId')).toBe(table.default.credits)
      expect(pricing.notificationPriceOf(family)).toBe(table.default.notificationCredits)
    }
  })

  test('a method over many chains costs what those take, on every family', () => {
    for (const family of ['evm', 'solana']) {
      expect(http(family, 'ankr_notInvented')).toBe(1_000)
      expect(http(family, 'ankr_getNFTsByOwner')).toBe(1_000)
    }
  })

  test('is never cheaper than a plain call', () => {
    expect(http('evm', 'eth_notInvented')).toBeGreaterThan(http('evm', 'eth_call'))
  })
})

describe('what the table names', () => {
  test('costs what stands there', () => {
    const methods = [
      'eth_chainId',
      'eth_blockNumber',
      'eth_getBalance',
      'eth_call',
      'eth_estimateGas',
    ]
    expect(methods.map((method) => http('evm', method))).toEqual([100, 200, 250, 400, 600])
    const dear = ['eth_getLogs', 'eth_sendRawTransaction', 'debug_traceTransaction']
    expect(dear.map((method) => http('evm', method))).toEqual([800, 800, 2_000])
    expect(http('evm', 'eth_subscribe')).toBe(200)
    expect(pricing.notificationPriceOf('evm')).toBe(100)
  })

  test('costs more over a transport with a surcharge', () => {
    const dearer = createPricing({
      ...table,
      transports: { http: { surchargeCredits: 0 }, websocket: { surchargeCredits: 30 } },
    })
    const call = { family: 'evm', method: 'eth_call' }
    expect(dearer.priceOf({ ...call, transport: 'http' })).toBe(400)
    expect(dearer.priceOf({ ...call, transport: 'websocket' })).toBe(430)
  })
})

test('every price is a positive safe integer', () => {
  const named = Object.values(table.families).flatMap(({ classes }) =>
    Object.values(classes).flatMap(({ methods }) => methods),
  )
  fc.assert(
    fc.property(
      fc.constantFrom('evm', 'unknown'),
      fc.oneof(
        fc.constantFrom(...named),
        fc.string(),
        fc.string().map((text) => `ankr_${text}`),
      ),
      fc.constantFrom(...transports),
      (family, method, transport) => {
        const credits = pricing.priceOf({ family, method, transport })
        expect(Number.isSafeInteger(credits) && credits > 0).toBe(true)
        if (isAdvanced(method)) expect(credits).toBe(1_000)
      },
    ),
  )
})

describe('the tables that this version comes with', () => {
  test('stand under their hashes, and never change', () => {
    for (const [hash, bundled] of bundledTables) {
      expect(hash).toBe(tableHashOf(bundled.table))
      expect(bundled.hash).toBe(hash)
    }
    expect([...bundledTables.keys()]).toEqual([
      '0x1743b722c0c87ec94a8fa34b47382c23b64f9c07b6fab66aa4064156f8ea04a7',
    ])
    expect(bundledTables.get(newestTable.hash)).toBe(newestTable)
  })

  test('cost 400 credits in the mean of their mix: 4/100,000 of a dollar', () => {
    for (const { table: each } of bundledTables.values()) {
      expect(mixSumCredits(each)).toBe(400n * BigInt(wholeMixPpm))
      expect(each.creditsPerUsd).toBe(10_000_000)
    }
  })

  test('have another hash when anything is changed', () => {
    expect(tableHashOf({ ...table, version: 2 })).not.toBe(newestTable.hash)
    const reordered = Object.fromEntries(Object.entries(table).reverse())
    // The same members in another order.
    expect(tableHashOf(reordered as typeof table)).toBe(newestTable.hash)
  })
})
