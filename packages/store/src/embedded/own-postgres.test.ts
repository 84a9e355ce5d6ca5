import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'
import { startOwnPostgres } from './own-postgres.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-own-'))
  await chmod(folder, 0o711)
})
afterEach(() => rm(folder, { recursive: true }))
const note = () => join(folder, 'postgres', 'postmaster.pid')

/** Adds a row. @returns How many there are. */
async function countUp(url: string): Promise<number> {
  await using sql = new SQL(url, { max: 1 })
  await sql`create table if not exists starts (id int generated always as identity)`
  await sql`insert into starts default values`
  return (await sql`select count(*)::int as starts from starts`)[0].starts
}

test('it keeps what it was given, and asks for a password that only its owner can read', async () => {
  for (const expected of [1, 2]) {
    await using postgres = await startOwnPostgres(folder)
    expect(await countUp(postgres.url)).toBe(expected)
    await using stranger = new SQL(`postgres://postgres@127.0.0.1:${postgres.port}/postgres`)
    await expect(stranger`select 1`).rejects.toThrow('password')
  }
  const { mode } = await stat(join(folder, 'postgres-password'))
  expect(mode & 0o777).toBe(0o600)
})

test('one that was killed is started again', async () => {
  const first = await startOwnPostgres(folder)
  expect(await countUp(first.url)).toBe(1)
  first.kill()
  await first.ended
  await using second = await startOwnPostgres(folder)
  expect(await countUp(second.url)).toBe(2)
})

test('one that a killed program has left behind is ended, and one that is used is not', async () => {
  const first = await startOwnPostgres(folder)
  {
    await using user = new SQL(first.url, { max: 1 })
    await user`select 1`
    await expect(startOwnPostgres(folder)).rejects.toThrow('another program uses it')
    expect((await user`select 1 as one`)[0].one).toBe(1)
  }
  await using second = await startOwnPostgres(folder)
  expect(await first.ended).toEqual({ code: 0, signal: null })
  expect(await countUp(second.url)).toBe(1)
})

test('the note of one that is gone, by a number that another process has now, is no obstacle', async () => {
  const first = await startOwnPostgres(folder)
  const text = await readFile(note(), 'utf8')
  await first.stop()
  await writeFile(note(), text.replace(/^\d+/, String(process.pid)))
  await using second = await startOwnPostgres(folder)
  expect(await countUp(second.url)).toBe(1)
})

test('what is left of one that was killed while it was made is no obstacle', async () => {
  await mkdir(join(folder, 'postgres.run', 'making'), { recursive: true })
  await writeFile(join(folder, 'postgres.run', 'making', 'PG_VERSION'), '18\n')
  await using postgres = await startOwnPostgres(folder)
  expect(await countUp(postgres.url)).toBe(1)
})

test('without its password it says which file is missing', async () => {
  await (await startOwnPostgres(folder)).stop()
  await rm(join(folder, 'postgres-password'))
  await expect(startOwnPostgres(folder)).rejects.toThrow(
    `${join(folder, 'postgres-password')} is missing`,
  )
})

test('a folder with something else in it is left alone', async () => {
  await mkdir(join(folder, 'postgres'))
  await writeFile(join(folder, 'postgres', 'letters'), 'dear')
  await expect(startOwnPostgres(folder)).rejects.toThrow('holds something that is no PostgreSQL')
  expect(await readFile(join(folder, 'postgres', 'letters'), 'utf8')).toBe('dear')
})
