import { expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { losing, open } from '@mooring/market/simulation/strategies'
import { reasonsOf, rowsOf, tableOf, termsOf } from './table.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

const page = readFileSync(resolve(import.meta.dir, '../../../docs/simulations.md'), 'utf8')

test('the page of simulations has the figures that the command prints', () => {
  for (const strategies of [losing, open]) {
    expect(page.includes(tableOf(rowsOf(strategies, termsOf(3))))).toBe(true)
    expect(page.includes(reasonsOf(strategies))).toBe(true)
  }
})
