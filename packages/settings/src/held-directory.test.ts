import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { holdDirectory } from './held-directory.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** A process of its own that holds the directory until it is killed. */
async function startHolder() {
  const lock = join(import.meta.dir, 'held-directory.ts')
  // Kept, or it would be given back when the memory is.
  const script = `globalThis.release = (await import(${JSON.stringify(lock)})).holdDirectory(${JSON.stringify(directory)}, 'meter.directory'); console.log('held'); setTimeout(() => {}, 60_000)`
  const holder = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' })
  await holder.stdout.getReader().read()
  return holder
}

test('a directory belongs to one process, which is named to others', async () => {
  const holder = await startHolder()
  expect(() => holdDirectory(directory, 'meter.directory')).toThrow(
    `is used by process ${holder.pid} on `,
  )
  // Killed as hard as can be, it leaves the directory to whoever comes next.
  holder.kill('SIGKILL')
  await holder.exited
  const release = holdDirectory(directory, 'meter.directory')
  expect(() => holdDirectory(directory, 'meter.directory')).toThrow(
    `is used by process ${process.pid} on `,
  )
  release()
  holdDirectory(directory, 'meter.directory')()
})

test('a directory that cannot be written to is told with the way on', () => {
  const file = join(directory, 'file')
  writeFileSync(file, '')
  expect(() => holdDirectory(join(file, 'below'), 'meter.directory')).toThrow(
    'meter.directory that it may write to',
  )
})
