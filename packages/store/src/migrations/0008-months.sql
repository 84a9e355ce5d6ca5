-- Books by the hour, kept month by month, so that they can be proven hour by hour and put away.

-- The hours of the books. An hour is open until it is closed for good: what is written later goes into the first that is
-- open. Whoever writes holds the table in a weak mode, so that nobody closes an hour under it.
create table book_hours (
  single boolean primary key default true check (single),
  open_hour int not null default 0 check (open_hour >= 0)
);
insert into book_hours default values;

-- Months (UTC) that there is room for, one after the other and without a gap. The first begins in 1970.
create table book_months (
  month text primary key check (month ~ '^\d{4}-\d{2}$'),
  from_hour int not null unique,
  to_hour int not null unique check (to_hour > from_hour),
  -- When its rows were taken out of the books.
  archived_at timestamptz
);

alter table moves rename to old_moves;
alter table usage rename to old_usage;
alter table uncollected rename to old_uncollected;
alter index usage_pkey rename to old_usage_pkey;
alter index uncollected_pkey rename to old_uncollected_pkey;

-- A change of the books. One cause writes a row for each verb, once. What is charged, and what becomes void by it, is one
-- row for each hour and charge period, which grows while the hour is open.
create sequence move_ids as bigint;
create table moves (
  book_hour int not null,
  account text not null,
  asset asset not null,
  verb text not null,
  cause text not null check (length(cause) <= 200),
  id bigint not null default nextval('move_ids'),
  -- The charge period; null for what does not grow.
  period bigint,
  at timestamptz not null,
  tokens amount not null,
  credits amount not null,
  primary key (book_hour, account, asset, verb, cause),
  check (tokens > 0 or credits > 0),
  check (period is null or cause = 'period ' || period)
) partition by range (book_hour);
create index on moves (account, id);

-- What was served and counted, by hour. Without an account: the community's. What is told after its hour was closed has
-- rows of its own in the hour of the books in which it is told.
create table usage (
  book_hour int not null check (book_hour >= hour),
  hour int not null,
  -- A pattern that is quick to match: each post adds to thousands of rows.
  account text not null check (account = '' or account like 'eip155:%:0x________________________________________'),
  key purse_key not null,
  chain text not null check (length(chain) between 1 and 64),
  method text not null check (length(method) between 1 and 128),
  status text not null check (length(status) between 1 and 64),
  requests bigint not null check (requests > 0),
  credits amount not null,
  primary key (book_hour, hour, account, key, chain, method, status)
) partition by range (book_hour);
create index on usage (account, hour);

-- Served, and nothing was left to charge it to: at the operator's cost.
create table uncollected (
  book_hour int not null,
  account account_name not null,
  credits amount not null check (credits > 0),
  primary key (book_hour, account)
);

-- Rows of the books stay, and grow only where and while they may.
create trigger written_once before delete on moves for each row execute function refuse_change();
create trigger written_once before delete on usage for each row execute function refuse_change();
create trigger grows before update on moves for each row
  when (old.period is null or old.book_hour <> new.book_hour or old.account <> new.account or old.asset <> new.asset
    or old.verb <> new.verb or old.cause <> new.cause or old.id <> new.id or old.at <> new.at
    or old.period is distinct from new.period or old.tokens > new.tokens or old.credits > new.credits)
  execute function refuse_change();
create trigger grows before update on usage for each row
  when (old.book_hour <> new.book_hour or old.hour <> new.hour or old.account <> new.account or old.key <> new.key
    or old.chain <> new.chain or old.method <> new.method or old.status <> new.status
    or old.requests > new.requests or old.credits > new.credits)
  execute function refuse_change();

-- Looked up once for all rows of a statement.
create function refuse_closed() returns trigger language plpgsql as $$
declare
  closed int;
begin
  select min(book_hour) into closed from written where book_hour < (select open_hour from book_hours);
  if closed is not null then
    raise exception 'hour % of the books is closed', closed using errcode = 'check_violation', constraint = 'closed_hours';
  end if;
  return null;
end $$;

-- Moves name a holding and a verb that there are, which cannot be taken away either. For foreign keys, which look once
-- for each row, took most of the time of a post.
create or replace function refuse_unknown() returns trigger language plpgsql as $$
declare
  unknown record;
begin
  select written.* into unknown from written
    left join holdings on holdings.account = written.account and holdings.asset = written.asset
    left join verbs on verbs.verb = written.verb
    where holdings.account is null or verbs.verb is null
    limit 1;
  if found then
    raise exception 'there is no holding of % in %, or no verb %', unknown.account, unknown.asset, unknown.verb
      using errcode = 'foreign_key_violation', constraint = 'moves_name_what_is';
  end if;
  return null;
end $$;

-- What looks at whole statements is not handed down to the months of a table, so each has its own: for whoever writes to
-- a month by its name.
create function guard_statements(guarded text) returns void language plpgsql as $$
begin
  execute format('create trigger closed_hours after insert on %I referencing new table as written
    for each statement execute function refuse_closed()', guarded);
  execute format('create trigger closed_hours_too after update on %I referencing new table as written
    for each statement execute function refuse_closed()', guarded);
  execute format('create trigger never_emptied before truncate on %I
    for each statement execute function refuse_change()', guarded);
  if guarded like 'moves%' then
    execute format('create trigger moves_name_what_is after insert on %I referencing new table as written
      for each statement execute function refuse_unknown()', guarded);
  end if;
end $$;
select guard_statements('moves'), guard_statements('usage');

-- Makes room for all hours up to one. Attached when they are made, so that nobody who writes has to wait.
create function open_months(up_to_hour int) returns void language plpgsql as $$
declare
  begins int;
  ends int;
  month timestamp;
  made text;
  parent text;
begin
  lock table book_months in share row exclusive mode;
  loop
    select coalesce(max(to_hour), 0) into begins from book_months;
    exit when begins > up_to_hour;
    -- The first month there is begins with 1970.
    month := date_trunc('month', to_timestamp(case begins when 0 then up_to_hour else begins end * 3600.0) at time zone 'utc');
    ends := extract(epoch from (month + interval '1 month') at time zone 'utc') / 3600;
    foreach parent in array array['moves', 'usage'] loop
      made := parent || to_char(month, '_YYYY_MM');
      -- Room is left in the pages for the next version of each row.
      execute format('create table %I (like %I including defaults including constraints) with (fillfactor = 70)', made, parent);
      execute format('alter table %I attach partition %I for values from (%s) to (%s)', parent, made, begins, ends);
      perform guard_statements(made);
    end loop;
    insert into book_months (month, from_hour, to_hour) values (to_char(month, 'YYYY-MM'), begins, ends);
  end loop;
end $$;

-- The first month holds all that came before there were months; no books are older than the date here.
select open_months(floor(extract(epoch from greatest(now(), '2026-07-01T00:00Z')) / 3600)::int);
select open_months(floor(extract(epoch from now()) / 3600)::int + 62 * 24);

-- Setting credits aside for a gateway moves nothing any more: it is a state, in holdings and leases.
drop view entries;
alter table verbs disable trigger kept;
delete from verbs where verb in ('lease', 'return');
update verbs set credits_from = 'unused' where verb = 'charge';
alter table verbs enable trigger kept;

insert into moves (book_hour, account, asset, verb, cause, at, tokens, credits)
  select book_hour, account, asset, verb, cause, at, tokens, credits from (
    select floor(extract(epoch from at) / 3600)::int as book_hour, account, asset, verb,
      case when cause like 'epoch %' then 'epochs' else cause end as cause,
      min(old_moves.id) as id, min(at) as at, sum(tokens) as tokens, sum(credits) as credits
    from old_moves join journals on journals.id = journal
    where verb not in ('lease', 'return')
    group by 1, 2, 3, 4, 5
  ) as summed order by id;
insert into usage (book_hour, hour, account, key, chain, method, status, requests, credits)
  select hour, hour, account, key, chain, method, status, requests, credits from old_usage;
insert into uncollected (book_hour, account, credits)
  select floor(extract(epoch from at) / 3600)::int, account, sum(credits)
  from old_uncollected join journals on journals.id = journal group by 1, 2;
drop table old_moves, old_usage, old_uncollected, journals;

create view entries as
  select book_hour, id, account, asset, verb, cause, at, 'token' as unit, place, sum as amount
    from moves join verbs using (verb)
    cross join lateral (values (tokens_from, -tokens::numeric), (tokens_to, tokens::numeric)) as leg (place, sum)
    where place is not null and tokens > 0
  union all
  select book_hour, id, account, asset, verb, cause, at, 'credit', place, sum
    from moves join verbs using (verb)
    cross join lateral (values (credits_from, -credits::numeric), (credits_to, credits::numeric)) as leg (place, sum)
    where place is not null and credits > 0;

-- What the frames of an epoch have told, all together.
alter table meter_epochs
  add column requests bigint not null default 0 check (requests >= 0),
  add column credits amount not null default 0;
update meter_epochs set requests = told.requests, credits = told.credits
  from (select sum(requests) as requests, sum(credits) as credits from usage) as told
  where id = (select min(id) from meter_epochs) and told.requests is not null;

-- Tokens that the escrow moved beyond all there was.
alter table holdings add column missing amount not null default 0;
update holdings set missing = greatest(0, tokens::numeric + accrued::numeric
  - coalesce((select sum(booked) from deposits where account = holdings.account and asset = holdings.asset), 0)
  + coalesce((select sum(amount) from escrow_events where kind <> 'deposit' and booked_at is not null
      and account = holdings.account and asset = holdings.asset), 0));

-- What the checks have proven, so that each looks at what is new: all hours before these.
drop table proven_until;
create table proven_until (
  single boolean primary key default true check (single),
  moves_hour int not null default 0,
  usage_hour int not null default 0
);
insert into proven_until default values;
delete from proven_balances;
create table proven_usage (
  account text not null,
  key purse_key not null,
  requests numeric not null,
  credits numeric not null,
  primary key (account, key)
);
-- What months say that were taken out of the books.
create table archived_balances (like proven_balances including all);
create table archived_usage (like proven_usage including all);
