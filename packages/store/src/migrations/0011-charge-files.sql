-- What charge roots are recomputed from. One for each root and charge period, for ever: verifiers sign its hash.

create table charge_files (
  asset asset not null,
  root_id bigint not null check (root_id > 0),
  -- A root that was not posted in time is made anew for the period after.
  period_end timestamptz not null,
  data_hash digest not null unique,
  -- Canonical JSON; its hash is of these very bytes.
  content text not null,
  made_at timestamptz not null,
  primary key (asset, root_id, period_end)
);
create trigger written_once before update or delete on charge_files for each row execute function refuse_change();
