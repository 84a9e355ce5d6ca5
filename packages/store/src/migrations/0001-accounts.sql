-- Accounts, who may sign in to them, their projects and keys.

create domain address as text check (value ~ '^0x[0-9a-f]{40}$');
create domain account_name as text check (value ~ '^eip155:[1-9][0-9]{0,15}:0x[0-9a-f]{40}$');
create domain digest as bytea check (octet_length(value) = 32);
create domain label as text check (length(value) between 1 and 64);
-- Base units of a token: what a uint256 holds.
create domain amount as numeric(78, 0) check (value >= 0 and value < 2::numeric ^ 256);

create table accounts (
  name account_name primary key,
  premium_id uuid not null unique default gen_random_uuid(),
  title text not null default '' check (length(title) <= 64),
  status text not null default 'active' check (status in ('active', 'frozen')),
  created_at timestamptz not null
);

create table nonces (
  hash digest primary key,
  ends_at timestamptz not null
);
create index on nonces (ends_at);

create table sessions (
  id uuid primary key default gen_random_uuid(),
  token_hash digest not null unique,
  wallet account_name not null references accounts,
  created_at timestamptz not null,
  used_at timestamptz not null,
  -- Whatever happens, it ends then.
  ends_at timestamptz not null check (ends_at > created_at)
);
create index on sessions (wallet);
create index on sessions (ends_at);

create table projects (
  id uuid primary key default gen_random_uuid(),
  account account_name not null references accounts,
  name label not null,
  created_at timestamptz not null,
  unique (account, name),
  unique (account, id)
);

create table keys (
  id uuid primary key default gen_random_uuid(),
  account account_name not null,
  project_id uuid not null,
  name label not null,
  status text not null default 'active' check (status in ('active', 'frozen', 'revoked')),
  expires_at timestamptz,
  restrictions jsonb not null check (jsonb_typeof(restrictions) = 'object'),
  credits_per_day_max amount,
  created_at timestamptz not null,
  unique (project_id, name),
  -- A key belongs to the account of its project, and to no other.
  foreign key (account, project_id) references projects (account, id) on delete cascade
);
create index on keys (account);

-- A key that is rotated has two hashes for a while: the new one, and the old one until its overlap ends.
create table key_hashes (
  hash digest primary key,
  key_id uuid not null references keys on delete cascade,
  created_at timestamptz not null,
  ends_at timestamptz
);
create unique index one_lasting_hash on key_hashes (key_id) where ends_at is null;
create index on key_hashes (key_id);

-- What gateways have to hear of, in the order in which it was committed: the row that counts is locked until then.
create table change_feed (
  single boolean primary key default true check (single),
  -- Another database has another one, so that a cursor of it is not taken for one of this.
  feed uuid not null default gen_random_uuid(),
  last bigint not null default 0
);
insert into change_feed default values;

create table changes (
  number bigint primary key,
  kind text not null check (kind in ('key', 'account')),
  subject text not null,
  at timestamptz not null default now()
);
create index on changes (at);

create function note_change(kind text, subject text) returns void language plpgsql as $$
declare
  next bigint;
begin
  update change_feed set last = last + 1 returning last into next;
  insert into changes (number, kind, subject) values (next, kind, subject);
  perform pg_notify('mooring_changes', '');
end $$;

create function base64url(bytes bytea) returns text language sql immutable as $$
  select translate(encode(bytes, 'base64'), E'+/=\n', '-_')
$$;

create function note_key_hash() returns trigger language plpgsql as $$
begin
  perform note_change('key', base64url(coalesce(new.hash, old.hash)));
  return null;
end $$;

create function note_key() returns trigger language plpgsql as $$
begin
  perform note_change('key', base64url(hash)) from key_hashes where key_id = new.id;
  return null;
end $$;

create function note_account() returns trigger language plpgsql as $$
begin
  perform note_change('account', new.name);
  return null;
end $$;

-- Deferred to the end of a transaction: the counter is then the last row it locks, so that two cannot wait for each other.
create constraint trigger key_hash_changed after insert or update or delete on key_hashes
  deferrable initially deferred for each row execute function note_key_hash();
create constraint trigger key_changed after update on keys
  deferrable initially deferred for each row execute function note_key();
create constraint trigger account_changed after update of status on accounts
  deferrable initially deferred for each row execute function note_account();
