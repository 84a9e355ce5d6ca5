import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import { startWitnessProcess, type WitnessProcess } from '@mooring/testkit/witness'
import { createEvents } from '../../events.ts'
import { until } from '../../gateway.fixtures.ts'
import { systemDisk } from '../log/disk.ts'
import { encodeFrame } from '../log/frame.ts'
import { readEpochs } from '../log/segments.ts'
import { LogWriter, type Sink } from '../log/writer.ts'
import { Copies } from './copies.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

const name = { instance: 'gw-1', epoch: 7 }
const path = '/v1/copies/gw-1/7'
let stack: AsyncDisposableStack
let witnesses: [WitnessProcess, WitnessProcess]
let directory: string
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  directory = mkdtempSync(join(tmpdir(), 'mooring-copied-'))
  stack.defer(() => rmSync(directory, { recursive: true }))
  witnesses = await Promise.all([startWitnessProcess(), startWitnessProcess()])
  for (const witness of witnesses) stack.use(witness)
})
afterEach(() => stack.disposeAsync())

function open(min: number, own: { waitMs?: number; keptLengthMax?: number } = {}): Copies {
  const events = createEvents(createLogger('test', 'silent'), createMeters())
  const copies = new Copies({ ...name, witnesses, min, clock: systemClock, events, ...own })
  stack.defer(() => copies.close())
  return copies
}

/** @param account - Makes it another frame. */
const frame = (sequence: number, account = 'a') => {
  const line = { account, key: '', ownPurse: false, chain: 'eth', method: 'eth_call' }
  const counts = { status: 'ok', hour: 1, requests: 1, credits: 400 }
  return encodeFrame(sequence, [JSON.stringify({ ...line, ...counts })])
}
const put = (copies: Sink, sequence: number, account = 'a') =>
  copies.put(frame(sequence, account), sequence)

async function keptAt(witness: WitnessProcess): Promise<string> {
  const [, ...frames] = (await (await witness.ask(`${path}?after=0`)).text()).split(/(?<=\n)/)
  return frames.join('')
}

/** Stops a process where it stands: what is sent to it is read later. */
const pause = ({ pid }: WitnessProcess) => process.kill(pid, 'SIGSTOP')
const resume = ({ pid }: WitnessProcess) => process.kill(pid, 'SIGCONT')

test('frames are with as many witnesses as they must be, in order, and with the others soon', async () => {
  const copies = open(2)
  await Promise.all([1, 2, 3].map((sequence) => put(copies, sequence)))
  for (const witness of witnesses) {
    expect(await keptAt(witness)).toBe(frame(1) + frame(2) + frame(3))
  }
  expect(copies.report()).toEqual({
    ...{ min: 2, witnesses: [1, 2].map(() => ({ answers: true, frames: 3 })) },
  })
})

test('a witness that is away holds up nobody while there are enough others, and is told all later', async () => {
  const copies = open(1)
  pause(witnesses[0])
  for (const sequence of [1, 2, 3]) await put(copies, sequence)
  copies.confirm(1)
  await put(copies, 4)
  resume(witnesses[0])
  await until(() => copies.report()?.witnesses[0]?.frames === 4)
  expect((await keptAt(witnesses[0])).endsWith(frame(2) + frame(3) + frame(4))).toBeTrue()
})

test('a witness that has lost its copies is sent them again', async () => {
  const copies = open(2)
  await put(copies, 1)
  await put(copies, 2)
  await witnesses[0].ask(`${path}?upTo=2`, { method: 'DELETE' })
  await put(copies, 3)
  expect(await keptAt(witnesses[0])).toBe(frame(1) + frame(2) + frame(3))
})

test('what too few have in time is void, here and there, and its numbers are given again', async () => {
  const copies = open(1, { waitMs: 300 })
  const options = { directory, ...name, durability: 'copy', disk: systemDisk } as const
  const log = new LogWriter({ ...options, beside: copies })
  await put(log, 1)
  for (const witness of witnesses) pause(witness)
  const outcomes = await Promise.allSettled([put(log, 2), put(log, 3)])
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'COPIES_MISSING' } })
  }
  expect(() => log.mend(1)).toThrow('too few witnesses')
  // It reads what it was sent before, and then that it is void.
  resume(witnesses[1])
  await until(() => {
    try {
      log.mend(1)
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'COPIES_MISSING' })
      return false
    }
  })
  await put(log, 2, 'b')
  expect(await keptAt(witnesses[1])).toBe(frame(1) + frame(2, 'b'))
  resume(witnesses[0])
  await until(() => copies.report()?.witnesses[0]?.frames === 2)
  expect(await keptAt(witnesses[0])).toBe(frame(1) + frame(2, 'b'))
  await log.close({ isTold: false })
  const logged = readEpochs(directory).flatMap(({ frames }) => frames)
  expect(logged.map(({ sequence, usage }) => [sequence, usage[0]?.account])).toEqual([
    [1, 'a'],
    [2, 'b'],
  ])
})

test('no more waits for the books than there is room for', async () => {
  const copies = open(1, { keptLengthMax: 2 * frame(1).length })
  await Promise.all([put(copies, 1), put(copies, 2)])
  expect(() => put(copies, 3)).toThrow('too much waits for the books')
  copies.mend(2)
  copies.confirm(1)
  await put(copies, 3)
})
