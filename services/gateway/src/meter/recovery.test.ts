import { expect, test } from 'bun:test'
import type { UsageLine } from '@mooring/protocol/metering/wire'
import { systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import { createEvents } from '../events.ts'
import type { Ledger } from './ledger.ts'
import { recover } from './recovery.ts'
import { TestLedger } from './test/ledger.fixtures.ts'

const account = `eip155:1:0x${'aa'.repeat(20)}`
const instance = 'gw-1'
const line: UsageLine = {
  ...{ account, key: '', ownPurse: false, chain: 'eth', method: 'eth_call', status: 'ok' },
  ...{ hour: 480_000, requests: 1, credits: 400 },
}

test('what a killed process had posted last may arrive while the rest is told, and all is charged once', async () => {
  const books = new TestLedger()
  books.fund(account, 100_000)
  const epoch = books.begin(instance)
  const base = { instance, epoch, leases: [], closes: false }
  const onItsWay = { ...base, number: 7, from: 1, to: 2, usage: [{ ...line, credits: 800 }] }
  let asked = 0
  const ledger: Pick<Ledger, 'post'> = {
    async post(request) {
      // Behind the question which frames are in the books, and before the post that follows from its answer.
      if (++asked === 2) books.post(onItsWay)
      const answer = books.post(request)
      return 'error' in answer ? { kind: 'refusal', refusal: answer } : { kind: 'answer', answer }
    },
  }
  const frames = [1, 2, 3].map((sequence) => ({ sequence, usage: [line] }))
  await recover([{ instance, epoch, frames, files: [] }], {
    ledger,
    clock: systemClock,
    events: createEvents(createLogger('test', 'silent'), createMeters()),
    signal: AbortSignal.timeout(5_000),
  })
  expect(books.balanceOf(account)).toEqual({ credits: 98_800, leased: 0 })
  expect(books.post({ ...base, number: 8, from: 4, to: 3, usage: [] })).toMatchObject({
    ...{ last: 3, state: 'closed' },
  })
})
