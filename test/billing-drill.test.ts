import { expect, test } from 'bun:test'
import { drill } from '@mooring/bench/billing/drill'
import { shortPlan } from '@mooring/bench/billing/plan'

// The short form of `npm run drill:billing`: three gateways, verifiers, the billing service and PostgreSQL in processes of
// their own; each is killed once while consumers pay for requests.

test('nothing is lost, charged twice or used beyond what is there, whatever is killed', async () => {
  const signal = AbortSignal.timeout(100_000)
  const { verdict, counts } = await drill(shortPlan, { signal, say: () => {} })
  expect(verdict.broken).toEqual([])
  const { sent, ok, cut, charged, lost, twice, replyLost, overdraft } = verdict.total
  expect({ lost, twice, overdraft }).toEqual({ lost: 0, twice: 0, overdraft: 0n })
  expect(charged).toBe(ok + replyLost)
  expect(replyLost).toBeLessThanOrEqual(cut)
  // It was used, and went on being used after everything had been killed.
  expect(ok).toBeGreaterThan(100)
  expect(sent).toBeGreaterThan(ok)
  // Those that have asked most of their deposit out got no more than the rest of it pays for.
  for (const { ok: served } of verdict.accounts.slice(0, shortPlan.starved)) {
    expect(served).toBeLessThanOrEqual(shortPlan.starvedRequests[1])
  }
  const once = { gatewayKill: 1, zombieStop: 0, zombieKill: 1, ledgerAway: 0 }
  expect(counts).toEqual({ ...once, billingKill: 1, postgresKill: 1, connectionsCut: 1 })
}, 120_000)
