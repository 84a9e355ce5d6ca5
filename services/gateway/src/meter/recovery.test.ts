import { expect, test } from 'bun:test'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PostRefusal, UsageLine } from '@mooring/protocol/metering/wire'
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

const context = (ledger: Pick<Ledger, 'post'>) => ({
  ledger,
  clock: systemClock,
  events: createEvents(createLogger('test', 'silent'), createMeters()),
  signal: AbortSignal.timeout(5_000),
})

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
  await recover([{ instance, epoch, frames, files: [] }], context(ledger))
  expect(books.balanceOf(account)).toEqual({ credits: 98_800, leased: 0 })
  expect(books.post({ ...base, number: 8, from: 4, to: 3, usage: [] })).toMatchObject({
    ...{ last: 3, state: 'closed' },
  })
})

test('what nothing was used in is not kept, even where the ledger does not know it', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'mooring-recovery-'))
  stack.defer(() => rm(directory, { recursive: true }))
  const logged = [7, 8].map((epoch) => ({
    ...{ instance, epoch, frames: epoch === 7 ? [] : [{ sequence: 1, usage: [line] }] },
    files: [join(directory, `${epoch}.frames`)],
  }))
  for (const { files } of logged) for (const file of files) await writeFile(file, '')
  const refusal: PostRefusal = { error: 'unknown', last: 0, detail: 'no such epoch' }
  await recover(logged, context({ post: async () => ({ kind: 'refusal', refusal }) }))
  expect(await readdir(directory)).toEqual(['8.frames'])
})
