import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFrame } from '@mooring/protocol/metering/frame'
import type { UsageLine } from '@mooring/protocol/metering/wire'
import { UnusableDirectory } from '@mooring/settings/held-directory'
import fc from 'fast-check'
import { encodeFrame, jsonOf } from './frame.ts'
import { endOf, headOf, readEpochs, segmentName } from './segments.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-log-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const line: UsageLine = {
  account: `eip155:1:0x${'aa'.repeat(20)}`,
  key: '',
  ownPurse: false,
  chain: 'eth',
  method: 'eth_call',
  status: 'ok',
  hour: 480_000,
  requests: 1,
  credits: 400,
}
const frameOf = (sequence: number) => encodeFrame(sequence, [JSON.stringify(line)])
const head = headOf('gw-1', 7)
const write = (text: string | Uint8Array, first = 1) =>
  writeFileSync(join(directory, segmentName(7, first)), text)
const sequences = () => readEpochs(directory).flatMap(({ frames }) => frames.map((f) => f.sequence))

describe('a frame', () => {
  test('is read as it was written, and a wrong bit in it is seen', () => {
    const facts = fc.record({
      account: fc.option(fc.string()),
      key: fc.string(),
      ownPurse: fc.boolean(),
      chain: fc.string(),
      method: fc.string({ unit: 'binary' }),
      status: fc.string(),
      hour: fc.nat(),
      requests: fc.nat(),
      credits: fc.maxSafeNat(),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1 }),
        fc.array(facts, { maxLength: 4 }),
        fc.nat(),
        (sequence, usage, at) => {
          const text = encodeFrame(
            sequence,
            usage.map((each) => JSON.stringify(each)),
          )
          expect(text.indexOf('\n')).toBe(text.length - 1)
          const whole = text.slice(0, -1)
          const json = jsonOf(whole)
          expect(json && parseFrame(json)).toEqual({ sequence, usage })
          const bytes = Buffer.from(whole)
          const index = at % bytes.length
          bytes[index] = (bytes[index] ?? 0) ^ 1
          expect(jsonOf(bytes.toString())).toBeUndefined()
        },
      ),
    )
  })
})

describe('a log', () => {
  test('that was cut off at any byte is read up to the last whole frame', () => {
    const texts = [head, frameOf(1), frameOf(2), frameOf(3)]
    const whole = Buffer.from(texts.join(''))
    const ends = texts.map((_, at) => Buffer.byteLength(texts.slice(0, at + 1).join('')))
    for (let bytes = 0; bytes <= whole.length; bytes++) {
      const wholeFrames = ends.filter((end) => end <= bytes).length - 1
      for (const zeros of [0, 1, 1_000]) {
        write(Buffer.concat([whole.subarray(0, bytes), Buffer.alloc(zeros)]))
        expect(sequences()).toEqual([1, 2, 3].slice(0, Math.max(0, wholeFrames)))
      }
    }
  })

  test('whose last frame was copied in part, in whatever order, is read up to the one before', () => {
    const kept = Buffer.from([head, frameOf(1), frameOf(2)].join(''))
    const last = Buffer.from(frameOf(3))
    const missing = fc.subarray([...last.keys()], { minLength: 1 })
    fc.assert(
      fc.property(missing, (places) => {
        const torn = Buffer.from(last)
        for (const at of places) torn[at] = 0
        write(Buffer.concat([kept, torn, Buffer.alloc(100)]))
        expect(sequences()).toEqual([1, 2])
      }),
    )
  })

  test('of which the machine has lost some blocks is read up to the first that is missing', () => {
    const texts = [head, ...Array.from({ length: 40 }, (_, at) => frameOf(at + 1))]
    const ends = texts.map((_, at) => texts.slice(0, at + 1).join('').length)
    const whole = Buffer.concat([Buffer.from(texts.join('')), Buffer.alloc(2_000)])
    const blocks = Math.ceil(whole.length / 512)
    const lost = fc.subarray(Array.from({ length: blocks }, (_, at) => at))
    fc.assert(
      fc.property(lost, (some) => {
        const bytes = Buffer.from(whole)
        for (const block of some)
          bytes.fill(0, block * 512, Math.min((block + 1) * 512, bytes.length))
        write(bytes)
        const end = Math.min(bytes.length, ...some.map((block) => block * 512))
        const count = ends.filter((each) => each <= end).length - 1
        expect(sequences()).toEqual(Array.from({ length: Math.max(0, count) }, (_, at) => at + 1))
      }),
    )
  })

  test('has nothing of earlier files that is void where a later one begins', () => {
    write(`${head}${frameOf(1)}${frameOf(2)}${frameOf(3)}`)
    // Whatever became of its text.
    for (const text of ['', '\0\0', head, `${head}${frameOf(2)}`]) {
      write(text, 2)
      expect(sequences()).toEqual(text.includes('sequence') ? [1, 2] : [1])
      expect(readEpochs(directory)[0]?.files.length).toBe(2)
    }
  })

  test('says where each of its frames ends', () => {
    const texts = [head, frameOf(1), frameOf(2), frameOf(3)]
    write(Buffer.concat([Buffer.from(`${texts.join('')}1234`), Buffer.alloc(9)]))
    for (const last of [1, 2, 3]) {
      const end = texts.slice(0, last + 1).join('').length
      expect(endOf(join(directory, segmentName(7, 1)), last)).toBe(end)
    }
  })

  test('of several files is read as one, with a torn end in any of them', () => {
    write(`${head}${frameOf(1)}${frameOf(2)}12345678 {"sequ`)
    write(`${head}${frameOf(3)}`, 3)
    expect(sequences()).toEqual([1, 2, 3])
    expect(readEpochs(directory)).toMatchObject([{ instance: 'gw-1', epoch: 7 }])
  })

  test('with a wrong byte anywhere before its end names the file and the line', () => {
    const text = `${head}${frameOf(1)}${frameOf(2)}`
    const lineEnds = [head, head + frameOf(1), text].map(({ length }) => length)
    for (let at = 0; at < text.length - 1; at++) {
      const bytes = Buffer.from(text)
      bytes[at] = (bytes[at] ?? 0) ^ 2
      write(bytes)
      const lineNumber = lineEnds.findIndex((end) => at < end) + 1
      expect(() => readEpochs(directory)).toThrow(UnusableDirectory)
      // A line that has lost its end is one with the next.
      if (text[at] === '\n') continue
      const file = segmentName(7, 1)
      expect(() => readEpochs(directory)).toThrow(
        `${file} has a wrong sum in line ${lineNumber} of`,
      )
    }
  })

  test('with a frame missing names the file', () => {
    write(`${head}${frameOf(1)}`)
    write(`${head}${frameOf(3)}`, 3)
    expect(() => readEpochs(directory)).toThrow('has frame 3 after frame 1')
  })

  test('that was begun and not written is nothing', () => {
    write('')
    expect(readEpochs(directory)).toEqual([])
    expect(readdirSync(directory)).toEqual([])
    write(head)
    expect(readEpochs(directory)).toMatchObject([{ epoch: 7, frames: [] }])
    expect(readFileSync(join(directory, segmentName(7, 1)), 'utf8')).toBe(head)
  })
})
