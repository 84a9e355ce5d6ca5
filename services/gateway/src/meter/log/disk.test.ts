import { afterEach, beforeEach, expect, test } from 'bun:test'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { systemDisk } from './disk.ts'
import { createWritten, mapFile } from './store.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-disk-'))
})
afterEach(() => rmSync(directory, { recursive: true }))
const at = (name: string) => join(directory, name)

test('a file is full of zeros from the beginning on, however it is made', async () => {
  const bytes = 300_001
  systemDisk.create(at('made'), bytes).close()
  const prepared = await systemDisk.prepare(at('prepared'), bytes)
  prepared.close()
  for (const name of ['made', 'prepared']) {
    expect(readFileSync(at(name)).equals(Buffer.alloc(bytes))).toBeTrue()
  }
})

test('texts are read as they were put, before and after the file has its name', async () => {
  const file = await systemDisk.prepare(at('spare'), 1_000)
  const texts = ['one\n', 'zwei: ä 🦀\n', '']
  for (const text of texts) expect(file.write(text)).toBe(Buffer.byteLength(text))
  file.rename(at('named'))
  file.write('three\n')
  await file.sync()
  expect(readdirSync(directory)).toEqual(['named'])
  const whole = `${texts.join('')}three\n`
  expect(readFileSync(at('named'), 'utf8')).toBe(
    whole.padEnd(whole.length + 1_000 - Buffer.byteLength(whole), '\0'),
  )
  file.close()
})

test('no file takes the place of another, but the one that is made ahead', async () => {
  systemDisk.create(at('first'), 10).close()
  expect(() => systemDisk.create(at('first'), 10)).toThrow('EEXIST')
  const file = await systemDisk.prepare(at('spare'), 10)
  expect(() => file.rename(at('first'))).toThrow('EEXIST')
  const next = await systemDisk.prepare(at('spare'), 20)
  // The one before is still whole for whoever has it.
  file.write('0123456789')
  expect(readFileSync(at('spare'))).toEqual(Buffer.alloc(20))
  file.close()
  next.close()
})

test('a map and a file that is written hold the same', () => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 40_000 }), { maxLength: 5 })
  fc.assert(
    fc.property(texts, (some) => {
      const bytes = some.reduce((sum, text) => sum + Buffer.byteLength(text), 1)
      for (const name of ['map', 'written']) writeFileSync(at(name), Buffer.alloc(bytes))
      const file = openSync(at('written'), 'r+')
      const stores = [mapFile(at('map')), createWritten(file)]
      for (const store of stores) {
        let end = 0
        for (const text of some) end += store.write(text, end)
        expect(end).toBe(bytes - 1)
        store.close()
      }
      closeSync(file)
      const whole = Buffer.concat([Buffer.from(some.join('')), Buffer.alloc(1)])
      for (const name of ['map', 'written']) expect(readFileSync(at(name)).equals(whole)).toBeTrue()
    }),
  )
})

test('a map that is closed takes nothing, and its memory is given back', () => {
  const bytes = 4 * 1_048_576
  const text = 'x'.repeat(bytes)
  const beforeBytes = process.memoryUsage.rss()
  for (let count = 0; count < 200; count++) {
    const file = systemDisk.create(at('file'), bytes)
    file.write(text)
    file.close()
    systemDisk.remove(at('file'))
    expect(() => file.write('more')).toThrow()
  }
  expect(process.memoryUsage.rss() - beforeBytes).toBeLessThan(100 * 1_048_576)
})

test('a file that there is no room for is not there', async () => {
  const limited = `
    import { systemDisk } from ${JSON.stringify(join(import.meta.dir, 'disk.ts'))}
    const whyOf = (error) => console.log(error.code)
    try { systemDisk.create('made', 2_000_000) } catch (error) { whyOf(error) }
    await systemDisk.prepare('prepared', 2_000_000).catch(whyOf)
    systemDisk.create('short', 500_000).close()`
  // A limit of the shell, whose signal is passed over, stands for a disk of a thousand blocks.
  const script = `trap '' XFSZ; ulimit -f 1000; exec "$0" --no-install -e "$1"`
  const child = Bun.spawn(['bash', '-c', script, process.execPath, limited], {
    ...{ cwd: directory, stdout: 'pipe', stderr: 'inherit' },
  })
  expect(await new Response(child.stdout).text()).toBe('EFBIG\nEFBIG\n')
  expect(readdirSync(directory)).toEqual(['short'])
})
