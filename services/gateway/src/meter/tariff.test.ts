import { expect, test } from 'bun:test'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import type { PriceTable } from '@mooring/market/pricing/price-table'
import { tableHashOf } from '@mooring/market/pricing/table-hash'
import { Tariff } from './tariff.ts'

const { evm } = newestTable.table.families
if (evm === undefined) throw new Error('the newest table has no prices for EVM chains')
const dearer: PriceTable = {
  ...newestTable.table,
  version: 99,
  families: { evm: { ...evm, defaultCredits: 12_345 } },
}
const dearerHash = tableHashOf(dearer)
const priceAt = (tariff: Tariff, nowMs: number) =>
  tariff.at(nowMs)?.priceOf({ family: 'evm', method: 'eth_madeUp', transport: 'http' })

test('prices are those of the table that is named, from the moment that is named', () => {
  const tariff = new Tariff(() => {})
  expect(priceAt(tariff, 0)).toBeUndefined()
  tariff.tell({ hash: newestTable.hash, next: { hash: dearerHash, inMs: 1_000 } }, 0)
  tariff.offer(dearer)
  expect(priceAt(tariff, 999)).toBe(evm.defaultCredits)
  expect(priceAt(tariff, 1_000)).toBe(12_345)
  tariff.tell({ hash: dearerHash, next: null }, 1_100)
  expect(priceAt(tariff, 1_200)).toBe(12_345)
})

test('a table that is not here gives no prices, until it is', () => {
  const tariff = new Tariff(() => {})
  tariff.tell({ hash: dearerHash, next: null }, 0)
  expect(priceAt(tariff, 1)).toBeUndefined()
  expect(tariff.named).toEqual({ hash: dearerHash, isKnown: false })
  tariff.offer(dearer)
  expect(priceAt(tariff, 2)).toBe(12_345)
  tariff.offer(undefined)
  expect(priceAt(tariff, 3)).toBeUndefined()
})
