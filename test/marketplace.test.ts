import { expect, setDefaultTimeout, test } from 'bun:test'
import { sumOf } from '@mooring/market/economy/money/mul-div'
import { shortPlan } from '@mooring/testkit/marketplace/plan'
import { playMarket } from '@mooring/testkit/marketplace/story'

// All of the marketplace in processes of its own: deposits, paid traffic over epochs, charges, epochs, payouts, claims and
// withdrawals. The same with services that are killed and a chain that forks: `npm run drill:market`.

// Room for a slow machine.
setDefaultTimeout(400_000)

test('what consumers deposit reaches providers and delegators, and every book agrees to the unit', async () => {
  const told: string[] = []
  const audit = await playMarket(shortPlan, {
    signal: AbortSignal.timeout(380_000),
    say: (text) => told.push(text),
    chapter: (title) => told.push(title),
  })
  expect(audit.problems).toEqual([])
  expect(audit.lines.length).toBeGreaterThan(20)
  const { wentOut, held, cameIn } = audit
  expect(sumOf([...wentOut, ...held].map(({ amount }) => amount))).toBe(cameIn)
  const of = (name: string) => {
    const found = audit.providers.find((provider) => provider.name === name)
    if (found === undefined) throw new Error(`there is no ${name}`)
    return found
  }
  // Who serves is paid, whose delegators with it; who is slow serves less, and who is asked for nothing gets nothing.
  for (const name of ['alpha', 'bravo', 'charlie']) {
    expect(of(name).toProvider).toBeGreaterThan(0n)
    expect(of(name).toDelegators).toBeGreaterThan(0n)
  }
  expect(of('bravo').credits).toBeLessThan(of('alpha').credits)
  expect(of('charlie').failed).toBeGreaterThan(0n)
  expect(of('delta')).toMatchObject({ relays: 0n, credits: 0n, toProvider: 0n, toDelegators: 0n })
  const paid = sumOf(audit.providers.map((one) => one.toProvider + one.toDelegators))
  expect(sumOf(audit.epochs.map((epoch) => epoch.paid))).toBe(paid)
  expect(audit.epochs.map(({ receipts }) => receipts > 0)).toEqual(audit.epochs.map(() => true))
})
