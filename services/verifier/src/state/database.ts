import { Database } from 'bun:sqlite'

/**
 * What a verifier must not forget. Every change is on disk before it returns: `synchronous = full` also in WAL mode.
 */
export function openDatabase(file: string): Database {
  const database = new Database(file, { create: true, strict: true })
  database.run('pragma journal_mode = wal')
  database.run('pragma synchronous = full')
  database.run('pragma busy_timeout = 2000')
  const { user_version: version } = database.query('pragma user_version').get() as {
    user_version: number
  }
  if (version > migrations.length) {
    throw new Error(`${file} was written by a later version of the verifier`)
  }
  for (const [at, migration] of migrations.entries()) {
    if (at < version) continue
    database.transaction(() => {
      database.run(migration)
      database.run(`pragma user_version = ${at + 1}`)
    })()
  }
  return database
}

/** Applied in order, each once; what is here is never changed. */
const migrations = [
  `create table used_nonces (
     -- Both points of a nonce pair, as they were sent to others.
     commitment text primary key,
     jti text not null,
     used_at integer not null
   ) strict;
   create table grants (
     seq integer primary key autoincrement,
     jti text not null unique,
     account text not null,
     -- When its wallet signed it.
     wished_at integer not null,
     request text not null,
     facts text not null,
     stage text not null check (stage in ('seen', 'capped', 'full')),
     -- Of a bearer there is none: it is known to its owner alone.
     token text,
     key_hash text,
     issued_at integer not null,
     expires_at integer not null
   ) strict;
   create index grants_by_account on grants (account, wished_at);
   create index grants_by_key on grants (key_hash) where key_hash is not null;
   create table revocations (
     seq integer primary key autoincrement,
     jti text not null unique,
     reason text not null,
     revoked_at integer not null,
     signature text not null
   ) strict;
   create table peer_cursors (
     peer text primary key,
     seq integer not null
   ) strict;`,
] as const
