import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, storeOn } from '../store.fixtures.ts'
import { checkBooks, checkUsage } from './check.ts'
import { fund } from './ledger.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
beforeAll(async () => {
  store = storeOn(await startPostgres())
})
afterAll(() => store.stop())

test('checks wait for each other, whichever process makes them', async () => {
  await using database = await store.open()
  for (let round = 0; round < 5; round++) {
    await fund(database, alice, { tokens: 10n, credits: 100n })
    const all = [checkBooks, checkUsage, checkBooks, checkUsage, checkBooks]
    const found = await Promise.all(all.map((check) => check(database)))
    expect(found.flatMap((each) => ('journals' in each ? each.discrepancies : each))).toEqual([])
  }
})
