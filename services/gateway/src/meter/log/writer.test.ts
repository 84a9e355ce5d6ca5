import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFaultyDisk } from '../test/faulty-disk.fixtures.ts'
import { systemDisk } from './disk.ts'
import { encodeFrame } from './frame.ts'
import { readEpochs } from './segments.ts'
import { type Durability, LogWriter } from './writer.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-log-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const filler = JSON.stringify('x'.repeat(1_048_576))
const small = (sequence: number) => encodeFrame(sequence, [])
const open = (durability: Durability = 'process', disk = systemDisk) =>
  new LogWriter({ directory, instance: 'gw-1', epoch: 3, durability, disk })
const logged = () => readEpochs(directory).flatMap(({ frames }) => frames.map((f) => f.sequence))
const files = () =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.frames'))
    .sort()

describe('the writer of a log', () => {
  test('begins another file when one is full, and deletes what is confirmed as a whole', async () => {
    const writer = open()
    // Frames that are not frames, for their length.
    for (let at = 1; at <= 8; at++) writer.put(`${filler}\n`, at)
    expect(files().length).toBe(3)
    writer.confirm(2)
    expect(files().length).toBe(3)
    writer.confirm(3)
    expect(files().length).toBe(2)
    await writer.close({ isTold: true })
    expect(readdirSync(directory)).toEqual([])
  })

  test('loses nothing between two files, also one that is longer than others', async () => {
    for (const durability of ['process', 'disk'] as const) {
      const writer = open(durability)
      const waiting: unknown[] = []
      for (let at = 1; at <= 30; at++) {
        const text = JSON.stringify('ä'.repeat(at === 20 ? 3_000_000 : 250_000 + at))
        const line = `{"account":null,"key":${text},"ownPurse":false,"chain":"","method":"","status":"","hour":0,"requests":1,"credits":0}`
        waiting.push(writer.put(encodeFrame(at, [line]), at))
        // Some find a file that was made ahead, others do not.
        if (at % 7 === 0) await Bun.sleep(20)
      }
      await Promise.all(waiting)
      await writer.close({ isTold: false })
      expect(logged()).toEqual(Array.from({ length: 30 }, (_, at) => at + 1))
      expect(files().length).toBeGreaterThan(3)
      for (const name of readdirSync(directory)) rmSync(join(directory, name))
    }
  })

  test('asks the disk for a file that is full, though no reply waits for it', async () => {
    const disk = createFaultyDisk()
    const writer = open('process', disk)
    for (let at = 1; at <= 3; at++) writer.put(`${filler}\n`, at)
    expect(disk.syncs).toBe(0)
    disk.isBroken = true
    for (let at = 4; at <= 8; at++) expect(writer.put(`${filler}\n`, at)).toBeUndefined()
    await writer.close({ isTold: true })
    expect(disk.syncs).toBeGreaterThan(0)
    expect(readdirSync(directory)).toEqual([])
  })

  test('makes the next file ahead, in place of one that a killed process has left', async () => {
    writeFileSync(join(directory, 'spare'), 'half of')
    let made: Promise<unknown> | undefined
    const prepare: typeof systemDisk.prepare = (path, bytes) => {
      const file = systemDisk.prepare(path, bytes)
      made = file
      return file
    }
    const writer = open('process', { ...systemDisk, prepare })
    writer.begin()
    await made
    await Bun.sleep(0)
    const { ino } = statSync(join(directory, 'spare'))
    for (let at = 1; at <= 4; at++) writer.put(`${filler}\n`, at)
    expect(statSync(join(directory, files()[1] ?? '')).ino).toBe(ino)
    await writer.close({ isTold: true })
    expect(readdirSync(directory)).toEqual([])
  })

  test('takes no frame when there is no room for another file, and goes on when there is', async () => {
    const disk = createFaultyDisk()
    const writer = open('process', disk)
    disk.isFull = true
    expect(() => writer.begin()).toThrow('ENOSPC')
    expect(files()).toEqual([])
    disk.isFull = false
    writer.mend(0)
    writer.put(small(1), 1)
    await writer.close({ isTold: false })
    expect(logged()).toEqual([1])
  })

  test('what was void stays void, even if the disk forgets that it was cut off', async () => {
    const disk = createFaultyDisk()
    const writer = open('disk', disk)
    await writer.put(small(1), 1)
    disk.isBroken = true
    await Promise.allSettled([2, 3, 4].map((at) => writer.put(small(at), at)))
    disk.isBroken = false
    const [first = ''] = files()
    const before = readFileSync(join(directory, first))
    writer.mend(1)
    expect(logged()).toEqual([1])
    await writer.put(small(2), 2)
    writeFileSync(join(directory, first), before)
    expect(logged()).toEqual([1, 2])
    await writer.close({ isTold: false })
  })

  test('what was void in a file of its own is gone', async () => {
    const disk = createFaultyDisk()
    const writer = open('disk', disk)
    await writer.put(small(1), 1)
    disk.isBroken = true
    const waiting: unknown[] = [writer.put(small(2), 2)]
    for (let at = 3; at <= 9; at++) waiting.push(writer.put(`${filler}\n`, at))
    await Promise.allSettled(waiting)
    expect(files().length).toBe(3)
    disk.isBroken = false
    writer.mend(0)
    expect(files().length).toBe(1)
    await writer.put(small(1), 1)
    await writer.close({ isTold: false })
    expect(logged()).toEqual([1])
  })

  test('keeps what is not confirmed when it is closed', async () => {
    const writer = open()
    writer.put(small(1) + small(2), 2)
    await writer.close({ isTold: false })
    expect(logged()).toEqual([1, 2])
  })

  test('names its epoch before the first frame, until the ledger has closed it', async () => {
    const killed = open()
    killed.begin()
    expect(readEpochs(directory)).toMatchObject([{ instance: 'gw-1', epoch: 3, frames: [] }])
    await killed.close({ isTold: false })
    expect(readEpochs(directory)).toHaveLength(1)
    for (const file of files()) rmSync(join(directory, file))
    const told = open()
    told.begin()
    await told.close({ isTold: true })
    expect(files()).toEqual([])
  })

  test.each(['process', 'disk'] as const)(
    'cuts off what a full disk took in part, and goes on when there is room (%s)',
    async (durability) => {
      const disk = createFaultyDisk()
      const writer = open(durability, disk)
      await writer.put(small(1), 1)
      disk.isFull = true
      expect(() => writer.put(small(2), 2)).toThrow('ENOSPC')
      expect(() => writer.mend(1)).toThrow('ENOSPC')
      disk.isFull = false
      writer.mend(1)
      await writer.put(small(2), 2)
      await writer.close({ isTold: false })
      expect(logged()).toEqual([1, 2])
    },
  )

  test('waits for the disk where it should, all who wait at once together', async () => {
    const disk = createFaultyDisk()
    const writer = open('disk', disk)
    const all = [1, 2, 3, 4, 5].map((at) => writer.put(small(at), at))
    await Promise.all(all)
    expect(disk.syncs).toBeLessThanOrEqual(2)
    disk.isBroken = true
    expect(writer.put(small(6), 6)).rejects.toThrow('EIO')
    await Bun.sleep(10)
    expect(writer.isBusy).toBeFalse()
    disk.isBroken = false
    // What the disk has not confirmed is not there, whatever was written.
    writer.mend(5)
    await writer.put(small(6), 6)
    await writer.close({ isTold: false })
    expect(logged()).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('cuts off what the disk took behind something that it had lost', async () => {
    const disk = createFaultyDisk()
    const writer = open('disk', disk)
    await writer.put(small(1), 1)
    disk.isBroken = true
    const lost = Promise.allSettled([writer.put(small(2), 2)])
    // The disk was asked for the second, and is asked again for the third.
    await Promise.resolve()
    await Promise.resolve()
    disk.isBroken = false
    const behind = Promise.allSettled([writer.put(small(3), 3)])
    expect(await lost).toMatchObject([{ status: 'rejected' }])
    expect(await behind).toMatchObject([{ status: 'fulfilled' }])
    writer.mend(1)
    await writer.put(small(2), 2)
    await writer.close({ isTold: false })
    expect(logged()).toEqual([1, 2])
  })

  test('does not write over a file that is there', async () => {
    const first = open()
    first.put(small(1), 1)
    expect(() => open().put(small(1), 1)).toThrow('EEXIST')
    await first.close({ isTold: false })
    expect(logged()).toEqual([1])
  })
})
