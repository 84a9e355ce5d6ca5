import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'
import { startOwnPostgres } from './own-postgres.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

/** Holds the data that one test after the other finds: to make it takes longer than anything here. */
let folder: string
let starts = 0
beforeAll(async () => {
  folder = await newFolder()
})
afterAll(() => rm(folder, { recursive: true }))

async function newFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'mooring-own-'))
  await chmod(made, 0o711)
  return made
}

/** Throws unless everything is there that was there before. */
async function expectAllKept(url: string): Promise<void> {
  await using sql = new SQL(url, { max: 1 })
  await sql`create table if not exists starts (id int generated always as identity)`
  await sql`insert into starts default values`
  starts++
  expect((await sql`select count(*)::int as starts from starts`)[0].starts).toBe(starts)
}

test('it keeps what it was given, and asks for a password that only its owner can read', async () => {
  // What is left of one that was killed while it made its data is no obstacle.
  await mkdir(join(folder, 'postgres.run', 'making'), { recursive: true })
  await writeFile(join(folder, 'postgres.run', 'making', 'PG_VERSION'), '18\n')
  await using postgres = await startOwnPostgres(folder)
  await expectAllKept(postgres.url)
  await using stranger = new SQL(`postgres://postgres@127.0.0.1:${postgres.port}/postgres`)
  await expect(stranger`select 1`).rejects.toThrow('password')
  const { mode } = await stat(join(folder, 'postgres-password'))
  expect(mode & 0o777).toBe(0o600)
})

test('one that was killed is started again', async () => {
  const first = await startOwnPostgres(folder)
  await expectAllKept(first.url)
  first.kill()
  await first.ended
  await using second = await startOwnPostgres(folder)
  await expectAllKept(second.url)
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
  await expectAllKept(second.url)
})

test('the note of one that is gone, by a number that another process has now, is no obstacle', async () => {
  const note = join(folder, 'postgres', 'postmaster.pid')
  const first = await startOwnPostgres(folder)
  const text = await readFile(note, 'utf8')
  await first.stop()
  await writeFile(note, text.replace(/^\d+/, String(process.pid)))
  await using second = await startOwnPostgres(folder)
  await expectAllKept(second.url)
})

test('without its password it says which file is missing', async () => {
  const password = join(folder, 'postgres-password')
  await rename(password, `${password}.away`)
  await expect(startOwnPostgres(folder)).rejects.toThrow(`${password} is missing`)
  await rename(`${password}.away`, password)
})

test.each(['', 'cut-sho'])('a password that was not written whole is refused: %p', async (text) => {
  const password = join(folder, 'postgres-password')
  await rename(password, `${password}.away`)
  await writeFile(password, text)
  await expect(startOwnPostgres(folder)).rejects.toThrow(`${password} holds no password`)
  expect(await readFile(password, 'utf8')).toBe(text)
  await rename(`${password}.away`, password)
  const other = await newFolder()
  try {
    await writeFile(join(other, 'postgres-password'), text)
    await expect(startOwnPostgres(other)).rejects.toThrow('holds no password')
  } finally {
    await rm(other, { recursive: true })
  }
})

test('a folder with something else in it is left alone', async () => {
  const other = await newFolder()
  try {
    await mkdir(join(other, 'postgres'))
    await writeFile(join(other, 'postgres', 'letters'), 'dear')
    await expect(startOwnPostgres(other)).rejects.toThrow('holds something that is no PostgreSQL')
    expect(await readFile(join(other, 'postgres', 'letters'), 'utf8')).toBe('dear')
  } finally {
    await rm(other, { recursive: true })
  }
})
