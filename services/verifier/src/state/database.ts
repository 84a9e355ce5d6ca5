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
  // Made anew without a default, so that a version of before cannot write what this one would forget too early. No
  // nonce outlives the process that promised it, so those that were used are over.
  `drop table used_nonces;
   create table used_nonces (
     commitment text primary key,
     jti text not null,
     used_at integer not null,
     -- In which the pair was promised.
     era integer not null
   ) strict;
   create index used_nonces_by_era on used_nonces (era);
   create table nonce_era (
     id integer primary key check (id = 1),
     era integer not null,
     -- What was promised in an earlier one is over.
     oldest integer not null
   ) strict;
   insert into nonce_era (id, era, oldest) values (1, 1, 1);
   -- When every token that it is about has ended; no token may be set to live for longer than 30 days.
   alter table revocations add column void_until integer not null default 0;
   update revocations set void_until = revoked_at + 2592000;`,
  // Numbers of 64 bits without a sign are text. Rows stay for ever: there are a few a day.
  `create table signed_charge_roots (
     escrow text not null,
     root_id text not null,
     data_hash text not null,
     -- In seconds since 1970.
     period_end text not null,
     primary key (escrow, root_id)
   ) strict;
   create table signed_epochs (
     epochs text not null,
     epoch text not null,
     attempt text not null,
     data_hash text not null,
     primary key (epochs, epoch, attempt)
   ) strict;`,
] as const
