import { expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { usageOf } from '../test/killed-writer.fixtures.ts'
import { readEpochs } from './segments.ts'

const program = join(import.meta.dir, '../test/killed-writer.fixtures.ts')

test.each(['process', 'disk'])(
  'a process that is killed at any moment leaves all frames that it relied on (%s)',
  async (durability) => {
    for (const framesMin of [1, 17, 60, 140, 260]) {
      using stack = new DisposableStack()
      const directory = mkdtempSync(join(tmpdir(), 'mooring-killed-'))
      stack.defer(() => rmSync(directory, { recursive: true }))
      const writer = Bun.spawn([process.execPath, '--no-install', program, directory, durability], {
        stdout: 'pipe',
        stderr: 'inherit',
      })
      stack.defer(() => writer.kill('SIGKILL'))
      let told = ''
      for await (const bytes of writer.stdout) {
        told += new TextDecoder().decode(bytes)
        if (told.split('\n').length > framesMin) writer.kill('SIGKILL')
      }
      await writer.exited
      // A number that was cut off has no end.
      const stored = Number(told.split('\n').at(-2))
      const frames = readEpochs(directory).flatMap((logged) => logged.frames)
      expect(frames.length).toBeGreaterThanOrEqual(stored)
      expect(frames.length).toBeLessThanOrEqual(stored + 1)
      for (const [at, { sequence, usage }] of frames.entries()) {
        expect(sequence).toBe(at + 1)
        expect(usage).toEqual([usageOf(sequence)] as typeof usage)
      }
      const files = readdirSync(directory).filter((name) => name.endsWith('.frames'))
      if (framesMin === 260) expect(files.length).toBeGreaterThan(1)
    }
  },
  30_000,
)
