import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CopyHead } from '@mooring/protocol/metering/copies'
import { UnusableDirectory } from '@mooring/settings/held-directory'
import { frameOf, headOf, textOfFrames } from './copies.fixtures.ts'
import { Copies, type CopiesLimits } from './copies.ts'
import { type KeptFrame, parseCopy, parseParcel } from './copy-state.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-copies-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const name = { instance: 'gw-1', epoch: 7 }
const open = (limits: Partial<CopiesLimits> = {}) =>
  Copies.open(directory, { copiesMax: 10, copyLengthMax: 1_000_000, ...limits })
const parcel = (sequences: readonly number[], head: Partial<CopyHead> = {}, word = '') => ({
  head: headOf(head),
  frames: sequences.map((sequence) => frameOf(sequence, word)),
})
const keptIn = (copies: Copies, after = 0, lengthMax = 1_000_000): KeptFrame[] =>
  parseParcel(copies.textAfter(name, { after, lengthMax }) ?? '')?.frames ?? []
const numbers = (frames: readonly KeptFrame[]) => frames.map(({ sequence }) => sequence)
const file = '000000000007-gw-1.copy'

describe('what a witness keeps', () => {
  test('is there after it was started anew, in order and once', async () => {
    const copies = await open()
    expect(await copies.keep(name, parcel([1, 2]))).toEqual({ last: 2 })
    expect(await copies.keep(name, parcel([1, 2]))).toEqual({ last: 2 })
    expect(await copies.keep(name, parcel([2, 3]))).toEqual({ last: 3 })
    for (const each of [copies, await open()]) {
      expect(keptIn(each)).toEqual([1, 2, 3].map((sequence) => frameOf(sequence)))
      expect(numbers(keptIn(each, 1))).toEqual([2, 3])
      expect(each.list()).toEqual([{ ...name, last: 3 }])
    }
  })

  test('has no gap but for what is in the books', async () => {
    const copies = await open()
    expect(await copies.keep(name, parcel([3]))).toMatchObject({ error: 'gap', last: 0 })
    expect(copies.list()).toEqual([])
    await copies.keep(name, parcel([1, 2]))
    expect(await copies.keep(name, parcel([4]))).toMatchObject({ error: 'gap', last: 2 })
    expect(await copies.keep(name, parcel([3, 5]))).toMatchObject({ error: 'gap', last: 2 })
    expect(await copies.keep(name, parcel([9], { booked: 8 }))).toEqual({ last: 9 })
    expect(numbers(keptIn(await open()))).toEqual([9])
  })

  test('of a generation is void behind the beginning of the next, and a late word of it is refused', async () => {
    const copies = await open()
    await copies.keep(name, parcel([1, 2, 3, 4]))
    const next = { generation: 2, after: 2 }
    expect(await copies.keep(name, parcel([], next))).toEqual({ last: 2 })
    expect(numbers(keptIn(await open()))).toEqual([1, 2])
    expect(await copies.keep(name, parcel([3], next, 'other'))).toEqual({ last: 3 })
    expect(await copies.keep(name, parcel([3, 4]))).toMatchObject({ error: 'superseded' })
    for (const each of [copies, await open()]) {
      expect(keptIn(each)).toEqual([frameOf(1), frameOf(2), frameOf(3, 'other')])
    }
  })

  test('is not mixed with that of another ledger', async () => {
    const copies = await open()
    await copies.keep(name, parcel([1]))
    const other = { run: crypto.randomUUID() }
    expect(await copies.keep(name, parcel([1], other))).toMatchObject({ error: 'other-run' })
    expect(await copies.keep({ ...name, epoch: 8 }, parcel([1], other))).toEqual({ last: 1 })
  })

  test('is forgotten up to what is in the books, with its file at last', async () => {
    const copies = await open()
    await copies.keep(name, parcel([1, 2, 3]))
    await copies.forget(name, 2)
    expect(numbers(keptIn(await open()))).toEqual([3])
    // One after the other, however they come.
    const [answer] = await Promise.all([
      copies.keep(name, parcel([4])),
      copies.forget(name, 4),
      copies.forget(name, 9),
    ])
    expect(answer).toEqual({ last: 4 })
    expect(copies.list()).toEqual([])
    expect(readdirSync(directory)).toEqual([])
    await copies.forget(name, 9)
  })

  test('is bounded in number and length, and what is full goes on once the books have something', async () => {
    const { length } = frameOf(1).json
    const copies = await open({ copiesMax: 1, copyLengthMax: 2 * length })
    expect(await copies.keep(name, parcel([1, 2]))).toEqual({ last: 2 })
    expect(await copies.keep(name, parcel([3]))).toMatchObject({ error: 'full', last: 2 })
    expect(await copies.keep({ ...name, epoch: 8 }, parcel([1]))).toMatchObject({ error: 'full' })
    expect(await copies.keep(name, parcel([3], { booked: 1 }))).toEqual({ last: 3 })
    expect(numbers(keptIn(await open()))).toEqual([2, 3])
  })

  test('is given back in parts that follow each other, with a frame in each however long', async () => {
    const copies = await open()
    await copies.keep(name, parcel([1, 2, 3]))
    const { length } = frameOf(1).json
    expect(numbers(keptIn(copies, 0, 2 * length))).toEqual([1, 2])
    expect(numbers(keptIn(copies, 2, 1))).toEqual([3])
    expect(numbers(keptIn(copies, 3, 1))).toEqual([])
  })
})

describe('a file of a witness', () => {
  test('that was cut off at any byte holds the frames before, and goes on', async () => {
    const copies = await open()
    await copies.keep(name, parcel([1, 2]))
    await copies.keep(name, parcel([3]))
    const whole = readFileSync(join(directory, file))
    const text = textOfFrames(headOf(), [1, 2]) + textOfFrames(headOf(), [3])
    expect(whole.toString()).toBe(text)
    const ends = [...text.matchAll(/\n/g)].map(({ index }) => index + 1)
    for (let bytes = 0; bytes <= whole.length; bytes++) {
      writeFileSync(join(directory, file), whole.subarray(0, bytes))
      const lines = ends.filter((end) => end <= bytes).length
      // Heads are the first line and the fourth.
      const frames = [0, 0, 1, 2, 2, 3][lines] ?? 0
      const read = await open()
      expect(numbers(keptIn(read))).toEqual([1, 2, 3].slice(0, frames))
      await read.keep(name, parcel([1, 2, 3, 4]))
      expect(numbers(keptIn(await open()))).toEqual([1, 2, 3, 4])
    }
  })

  test('with a wrong byte before its end is named', async () => {
    const copies = await open()
    await copies.keep(name, parcel([1]))
    await copies.keep(name, parcel([2]))
    const whole = readFileSync(join(directory, file))
    for (let at = 0; at < whole.length - 1; at++) {
      const wrong = Buffer.from(whole)
      wrong[at] = (wrong[at] ?? 0) ^ 2
      writeFileSync(join(directory, file), wrong)
      expect(open()).rejects.toThrow(UnusableDirectory)
      expect(open()).rejects.toThrow(file)
    }
  })

  test('is written anew when most of it is in the books, and holds the same', async () => {
    const copies = await open({ copyLengthMax: 64 * 1_048_576 })
    const long = 'x'.repeat(1_048_576)
    for (let at = 1; at <= 20; at++) {
      await copies.keep(name, parcel([at], { booked: at - 1 }, long))
    }
    const text = readFileSync(join(directory, file), 'utf8')
    expect(text.length).toBeLessThan(18 * 1_048_576)
    expect(parseCopy(text)?.frames).toEqual([frameOf(20, long)])
  })
})
