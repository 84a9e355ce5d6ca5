import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SQL } from 'bun'

/** One step forward. There is none back: what a step forgets is gone. */
export type Migration = { number: number; name: string; text: string; checksum: string }

const folder = join(import.meta.dir, 'migrations')
const fileName = /^(\d{4})-([a-z0-9-]+)\.sql$/
/** Of all locks that programs agree on by number, this one is ours. */
const lockNumber = 7_166_419_201

export async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => fileName.test(name)).sort()
  return await Promise.all(
    names.map(async (file) => {
      const [, number, name = ''] = fileName.exec(file) ?? []
      const text = await readFile(join(folder, file), 'utf8')
      const checksum = createHash('sha256').update(text).digest('hex')
      return { number: Number(number), name, text, checksum }
    }),
  )
}

/**
 * Takes every step that was not taken yet, all or none. Of several processes that begin at once one does it, and the
 * others wait. Throws when a step that was taken is not the one that stands here.
 *
 * @param upTo - Stops after this one; for tests of what comes after it.
 */
export async function migrate(sql: SQL, { upTo }: { upTo?: number } = {}): Promise<void> {
  const migrations = await readMigrations()
  await sql.begin(async (queries) => {
    await queries`select pg_advisory_xact_lock(${lockNumber}::bigint)`
    await queries`create table if not exists migrations (
      number int primary key, name text not null, checksum text not null,
      applied_at timestamptz not null default now()
    )`
    const taken = await queries<
      TakenStep[]
    >`select number, checksum from migrations order by number`
    for (const migration of stepsAfter(taken, migrations)) {
      if (upTo !== undefined && migration.number > upTo) return
      await queries.unsafe(migration.text).simple()
      const { number, name, checksum } = migration
      await queries`insert into migrations (number, name, checksum) values (${number}, ${name}, ${checksum})`
    }
  })
}

type TakenStep = { number: number; checksum: string }

export function stepsAfter(
  taken: readonly TakenStep[],
  known: readonly Migration[],
): readonly Migration[] {
  for (const [at, { number, checksum }] of taken.entries()) {
    const migration = known[at]
    if (migration === undefined) {
      throw new Error('the database was made by a newer version: update this program')
    }
    if (migration.number !== number || migration.checksum !== checksum) {
      throw new Error(
        `migration ${number} of the database is not the one of this version: it was changed after it had been applied`,
      )
    }
  }
  return known.slice(taken.length)
}
