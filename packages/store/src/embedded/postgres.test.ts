import { expect, test } from 'bun:test'
import { chmod, cp, mkdtemp, rm, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'
import { nativeFolder, startPostgres } from './postgres.ts'

test('PostgreSQL starts, holds several databases and is gone after its stop', async () => {
  const postgres = await startPostgres()
  const url = await postgres.createDatabase('tea-room')
  {
    await using sql = new SQL(url, { max: 1 })
    const [row] =
      await sql`select current_database() as name, current_setting('server_version_num')::int as version`
    expect(row.name).toBe('tea-room')
    expect(row.version).toBeGreaterThanOrEqual(150_000)
  }
  await postgres.stop()
  expect(() => process.kill(postgres.pid, 0)).toThrow('ESRCH')
}, 30_000)

test('a folder of data is found again by the next one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-kept-'))
  // Its user, where that is another one, has to get there.
  await chmod(folder, 0o711)
  try {
    for (const expected of [1, 2]) {
      await using postgres = await startPostgres({ folder: join(folder, 'data') })
      await using sql = new SQL(postgres.url, { max: 1 })
      await sql`create table if not exists cups (id int generated always as identity)`
      await sql`insert into cups default values`
      const [row] = await sql`select count(*)::int as cups from cups`
      expect(row.cups).toBe(expected)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}, 30_000)

test('it starts out of a folder that its user may not enter, and with a link missing', async () => {
  // As below the home of root: only its owner may enter.
  const folder = await mkdtemp(join(tmpdir(), 'mooring-private-'))
  const native = join(folder, 'native')
  try {
    await cp(nativeFolder(), native, { recursive: true, verbatimSymlinks: true })
    await unlink(join(native, 'lib', 'libpq.so.5'))
    await using postgres = await startPostgres({ native })
    await using sql = new SQL(postgres.url, { max: 1 })
    expect((await sql`select 1 as one`)[0].one).toBe(1)
  } finally {
    await rm(folder, { recursive: true })
  }
}, 60_000)
