-- What epochs of the settlement chain are closed from. Not to be taken for `meter_epochs`, which are lives of gateways.

-- The first epoch whose books are open: what is told later of one before it counts to this one. Whoever writes holds the
-- table in a weak mode, so that nobody closes an epoch under it.
create table epoch_books (
  single boolean primary key default true check (single),
  open_epoch bigint not null default 0 check (open_epoch >= 0)
);
insert into epoch_books default values;

-- Charges are one row for each hour, charge period and epoch.
alter table moves add column epoch bigint;
do $$
declare
  old record;
begin
  -- A month that was attached has the check of its own too.
  for old in
    select conrelid::regclass as of, conname from pg_constraint
    where contype = 'c' and pg_get_constraintdef(oid) like '%''period ''%'
      and (conrelid = 'moves'::regclass or conrelid in (select inhrelid from pg_inherits where inhparent = 'moves'::regclass))
    order by conrelid <> 'moves'::regclass
  loop
    execute format('alter table %s drop constraint if exists %I', old.of, old.conname);
  end loop;
end $$;
alter table moves add constraint named_by_period check (
  period is null and epoch is null
  or period is not null and cause = 'period ' || period || coalesce(' epoch ' || epoch, '')
);
create index on moves (epoch) where epoch is not null;

drop trigger grows on moves;
create trigger grows before update on moves for each row
  when (old.period is null or old.book_hour <> new.book_hour or old.account <> new.account or old.asset <> new.asset
    or old.verb <> new.verb or old.cause <> new.cause or old.id <> new.id or old.at <> new.at
    or old.period is distinct from new.period or old.epoch is distinct from new.epoch
    or old.tokens > new.tokens or old.credits > new.credits)
  execute function refuse_change();

-- What requests of a chain were charged, uncollected ones included. By gateway, so that no two wait for each other.
create table epoch_served (
  epoch bigint not null check (epoch >= 0),
  chain text not null check (length(chain) between 1 and 64),
  instance text not null check (length(instance) between 1 and 64),
  charged amount not null,
  primary key (epoch, chain, instance)
) with (fillfactor = 70);

-- What nodes did for a chain, as gateways saw it. Node 0: upstreams that are no node of the chain's registry.
create table node_work (
  epoch bigint not null check (epoch >= 0),
  node_id bigint not null check (node_id >= 0),
  chain text not null check (length(chain) between 1 and 64),
  instance text not null check (length(instance) between 1 and 64),
  asked bigint not null default 0,
  answered bigint not null default 0,
  failed bigint not null default 0,
  late bigint not null default 0,
  -- Of charged requests that its relays answered.
  credits amount not null default 0,
  primary key (epoch, node_id, chain, instance),
  check (answered >= 0 and failed >= 0 and late >= 0 and asked >= answered + failed and late <= answered)
) with (fillfactor = 70);

-- The last receipt of each series, with both signatures.
create table relay_receipts (
  epoch bigint not null check (epoch >= 0),
  session bytea not null check (length(session) = 32),
  chain text not null check (length(chain) between 1 and 64),
  number bigint not null check (number > 0),
  node_id bigint not null check (node_id > 0),
  -- JSON of its members.
  receipt text not null,
  gateway_signature bytea not null check (length(gateway_signature) = 65),
  node_signature bytea not null check (length(node_signature) = 65),
  received_at timestamptz not null,
  primary key (epoch, session, chain)
) with (fillfactor = 70);

create trigger grows before update on relay_receipts for each row
  when (old.epoch <> new.epoch or old.session <> new.session or old.chain <> new.chain or old.node_id <> new.node_id
    or old.number > new.number)
  execute function refuse_change();

-- Files of epochs, for ever: verifiers sign their hashes. An epoch that nobody posted is closed by the next one, and one
-- whose roots were disabled is made anew.
create table epoch_files (
  epoch bigint not null check (epoch >= 0),
  -- The one that was posted before it; null where it is the first.
  previous bigint check (previous < epoch),
  -- Posts that the contract had seen.
  attempt bigint not null check (attempt >= 0),
  data_hash digest not null unique,
  -- Canonical JSON, its hash is of these very bytes' member `data`.
  content text not null,
  made_at timestamptz not null,
  primary key (epoch, attempt)
);

create trigger written_once before delete on node_work for each row execute function refuse_change();
create trigger written_once before delete on epoch_served for each row execute function refuse_change();
create trigger written_once before delete on relay_receipts for each row execute function refuse_change();
create trigger written_once before update or delete on epoch_files for each row execute function refuse_change();
