-- What accounts have, what gateways use of it, and the books of both.

create domain asset as text check (value in ('ankr', 'usd'));
-- The id of a key that has a limit of its own, or nothing for all others.
create domain purse_key as text check (length(value) <= 64);

-- A gateway from its start to its end.
create table meter_epochs (
  id bigint generated always as identity primary key,
  instance text not null check (length(instance) between 1 and 64),
  -- fenced: another one has begun under the same name, so it is granted nothing more.
  -- closed: what was leased to it is free, and what it still tells is charged from what is there.
  state text not null default 'live' check (state in ('live', 'fenced', 'closed')),
  -- The last frame that is in the books.
  last_frame bigint not null default 0 check (last_frame >= 0),
  -- The newest try of a post whose leases were taken.
  last_post bigint not null default 0 check (last_post >= 0),
  began_at timestamptz not null,
  -- Without another word it may be taken for gone after this.
  leased_until timestamptz not null
);
create index on meter_epochs (instance, id);
create index on meter_epochs (leased_until) where state <> 'closed';

-- Of one account in one asset. Tokens and accrued together are what the escrow contract holds for it.
create table holdings (
  account account_name not null,
  asset asset not null,
  tokens amount not null default 0,
  credits amount not null default 0,
  leased amount not null default 0,
  held amount not null default 0,
  accrued amount not null default 0,
  spent amount not null default 0,
  life bigint not null default 0 check (life >= 0),
  -- The charge period that period_used is of.
  period bigint not null default 0,
  period_used amount not null default 0,
  -- Until then gateways are asked to give back what they do not need.
  recall_until timestamptz,
  -- When it was last compared with the chain.
  mirrored_at timestamptz,
  primary key (account, asset),
  check (leased <= credits)
) with (fillfactor = 70);
create index on holdings (recall_until) where recall_until is not null;

-- Written by thousands of rows at a time: what names a holding is checked once, there, and room is left in the pages
-- for the next version of each row.
create table leases (
  epoch bigint not null references meter_epochs,
  account text not null,
  asset asset not null,
  key purse_key not null,
  credits amount not null check (credits > 0),
  primary key (epoch, account, asset, key),
  foreign key (account, asset) references holdings
) with (fillfactor = 70);
create index on leases (account, key);

-- What was used with a key that has a limit of its own.
create table key_days (
  key purse_key not null,
  -- Days since 1970, UTC.
  day int not null,
  used amount not null,
  primary key (key, day)
);

-- Each change of the books, once: what caused it has one name for ever.
create table journals (
  id bigint generated always as identity primary key,
  cause text not null unique check (length(cause) <= 200),
  at timestamptz not null,
  -- Numbers are given before a transaction ends, so they do not tell which journals are there: this does.
  txid xid8 not null default pg_current_xact_id()
);
create index on journals (txid);

-- What a verb takes from where and puts where, for each unit. Places outside, escrow and sold, stand with their sign
-- turned around: the places of a unit sum up to nothing.
create table verbs (
  verb text primary key,
  tokens_from text,
  tokens_to text,
  credits_from text,
  credits_to text,
  check ((tokens_from is null) = (tokens_to is null)),
  check ((credits_from is null) = (credits_to is null))
);
insert into verbs (verb, tokens_from, tokens_to, credits_from, credits_to) values
  ('deposit', 'escrow', 'unused', 'sold', 'unused'),
  ('lease', null, null, 'unused', 'leased'),
  ('return', null, null, 'leased', 'unused'),
  ('charge', 'unused', 'accrued', 'leased', 'used'),
  ('chargeLate', 'unused', 'accrued', 'unused', 'used'),
  ('apply', 'accrued', 'escrow', null, null),
  ('seize', 'unused', 'escrow', 'unused', 'sold'),
  ('withdraw', 'unused', 'escrow', 'unused', 'sold'),
  ('lapse', 'accrued', 'escrow', null, null),
  ('orphan', 'unused', 'escrow', 'unused', 'sold'),
  ('void', null, null, 'unused', 'sold');

create table moves (
  id bigint generated always as identity primary key,
  journal bigint not null,
  account text not null,
  asset asset not null,
  verb text not null,
  tokens amount not null,
  credits amount not null,
  check (tokens > 0 or credits > 0)
);
create index on moves (account, id);
create index on moves (journal);

-- Books are written once.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the books are written once' using errcode = 'check_violation', constraint = 'written_once';
end $$;
create trigger written_once before update or delete on moves for each row execute function refuse_change();
create trigger written_once before update or delete on journals for each row execute function refuse_change();

-- Moves name a journal, a holding and a verb that there are. Looked up once for all that a statement adds, for foreign
-- keys, which look once for each row, took most of the time of a post. What is named cannot be taken away either.
create function refuse_unknown() returns trigger language plpgsql as $$
declare
  unknown record;
begin
  select added.* into unknown from added
    left join journals on journals.id = added.journal
    left join holdings on holdings.account = added.account and holdings.asset = added.asset
    left join verbs on verbs.verb = added.verb
    where journals.id is null or holdings.account is null or verbs.verb is null
    limit 1;
  if found then
    raise exception 'there is no journal %, no holding of % in % or no verb %', unknown.journal, unknown.account,
      unknown.asset, unknown.verb using errcode = 'foreign_key_violation', constraint = 'moves_name_what_is';
  end if;
  return null;
end $$;
create trigger moves_name_what_is after insert on moves referencing new table as added
  for each statement execute function refuse_unknown();
create trigger kept before delete or update of account, asset on holdings for each row execute function refuse_change();
create trigger kept before delete or update of verb on verbs for each row execute function refuse_change();

create view entries as
  select journal, account, asset, verb, 'token' as unit, place, sum as amount from moves join verbs using (verb)
    cross join lateral (values (tokens_from, -tokens::numeric), (tokens_to, tokens::numeric)) as leg (place, sum)
    where place is not null and tokens > 0
  union all
  select journal, account, asset, verb, 'credit', place, sum from moves join verbs using (verb)
    cross join lateral (values (credits_from, -credits::numeric), (credits_to, credits::numeric)) as leg (place, sum)
    where place is not null and credits > 0;

-- What was served and counted, by hour. Without an account: the community's.
create table usage (
  hour int not null,
  -- A pattern that is quick to match: each post adds to thousands of rows.
  account text not null check (account = '' or account like 'eip155:%:0x________________________________________'),
  key purse_key not null,
  chain text not null check (length(chain) between 1 and 64),
  method text not null check (length(method) between 1 and 128),
  status text not null check (length(status) between 1 and 64),
  requests bigint not null check (requests > 0),
  credits amount not null,
  primary key (hour, account, key, chain, method, status)
) with (fillfactor = 70);
create index on usage (account, hour);

-- Served, and nothing was left to charge it to: at the operator's cost.
create table uncollected (
  journal bigint not null references journals,
  account account_name not null,
  credits amount not null check (credits > 0),
  primary key (journal, account)
);

-- What of a deposit is in the books, and what that was credited by: USD per ANKR times 1e18, and the discount; of ANKR
-- alone.
alter table deposits
  add column booked amount not null default 0,
  add column booked_credits amount not null default 0,
  add column booked_times int not null default 0,
  add column usd_per_ankr amount,
  add column discount_ppm int;
create index deposits_to_book on deposits (block_number, log_index) where credited <> booked;

-- What the rate feed said, in the order of the chain.
create table rates (
  block_number bigint not null,
  log_index int not null,
  usd_per_ankr amount not null check (usd_per_ankr > 0),
  posted_at timestamptz not null,
  primary key (block_number, log_index)
);

-- Final events of the escrows, each booked once and those of an account in order.
create table escrow_events (
  block_number bigint not null,
  log_index int not null,
  transaction_hash digest not null,
  account account_name not null,
  asset asset not null,
  kind text not null check (kind in ('deposit', 'charge', 'withdraw')),
  amount amount not null,
  -- Of the account at that event.
  life bigint not null check (life >= 0),
  booked_at timestamptz,
  primary key (block_number, log_index)
);
create index on escrow_events (account, asset, block_number, log_index) where booked_at is null;

-- How far the chain was read.
create table chain_cursor (
  single boolean primary key default true check (single),
  block_number bigint not null,
  block_hash digest not null
);

-- What the checks have proven, so that each looks at what is new.
create table proven_balances (
  account account_name not null,
  asset asset not null,
  unit text not null check (unit in ('token', 'credit')),
  place text not null,
  amount numeric not null,
  primary key (account, asset, unit, place)
);
create table proven_until (
  single boolean primary key default true check (single),
  -- Of the first transaction that is not proven.
  txid xid8 not null default '0'
);
insert into proven_until default values;
