import { SQL, type TransactionSQL } from 'bun'
import { migrate } from './migrate.ts'
import { unreachable } from './unreachable.ts'

/** What runs a query: a database, or a transaction of it. */
export type Queries = SQL | TransactionSQL

/** PostgreSQL. Several processes may have the same one open. */
export type Database = AsyncDisposable & {
  readonly sql: SQL
  /** All of it or nothing. Runs again when the database had to end it for the sake of another one. */
  transact<T>(work: (queries: TransactionSQL) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export type DatabaseOptions = {
  connectionsMax?: number | undefined
  connectTimeoutSeconds?: number | undefined
}

/** 15 is the oldest that its makers still mend. */
const versionMin = 150_000
const connectionsMaxDefault = 10
const connectTimeoutSecondsDefault = 10
const triesMax = 4
/** A deadlock, and a transaction that could not be put in order with others. */
const collisions: ReadonlySet<string> = new Set(['40P01', '40001'])

/**
 * Opens a database and brings its tables up to date. Throws when it cannot be reached, is older than PostgreSQL 15, or
 * was made by a newer version of this package.
 *
 * @param url - `postgres://…`. May hold a password, so no message names it.
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  const sql = connect(url, options)
  try {
    assertRecent(await versionOf(sql, url))
    await migrate(sql)
  } catch (error) {
    await sql.close()
    throw error
  }
  const close = () => sql.close()
  return {
    sql,
    transact: (work) => transact(sql, work),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The first question shows as well whether it can be reached at all. @returns As 180004 for 18.4. */
async function versionOf(sql: SQL, url: string): Promise<number> {
  try {
    const [row] = await sql<{ version: number }[]>`
      select current_setting('server_version_num')::int as version`
    return row?.version ?? 0
  } catch (error) {
    throw unreachable(url, error)
  }
}

function assertRecent(version: number): void {
  if (version >= versionMin) return
  const found = Math.floor(version / 10_000)
  const needed = versionMin / 10_000
  throw new Error(
    `PostgreSQL ${needed} or newer is needed, and this is ${found}: upgrade it, or give the URL of a newer one`,
  )
}

/** As `openDatabase`, of one that is taken as it is. */
export function connect(url: string, options: DatabaseOptions = {}): SQL {
  return new SQL(url, {
    max: options.connectionsMax ?? connectionsMaxDefault,
    connectionTimeout: options.connectTimeoutSeconds ?? connectTimeoutSecondsDefault,
  })
}

async function transact<T>(sql: SQL, work: (queries: TransactionSQL) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await sql.begin(work)
    } catch (error) {
      if (tries === triesMax || !collisions.has(stateOf(error) ?? '')) throw error
    }
  }
}

/** @returns The constraint that refused a change; undefined when it failed for another reason. */
export function brokenConstraint(error: unknown): string | undefined {
  // Class 23 is integrity.
  if (!stateOf(error)?.startsWith('23')) return undefined
  return (error as { constraint?: string }).constraint
}

function stateOf(error: unknown): string | undefined {
  return error instanceof SQL.PostgresError ? error.errno : undefined
}
