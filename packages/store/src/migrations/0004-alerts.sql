-- Who wants to know when a balance is low, and what has to be told.

create table alerts (
  id uuid primary key default gen_random_uuid(),
  account account_name not null references accounts,
  asset text not null check (asset in ('ankr', 'usd')),
  threshold amount not null,
  channel text not null check (channel in ('webhook', 'email')),
  target text not null check (length(target) between 3 and 2048),
  -- Told once, and again only after the balance has been above the threshold.
  is_low boolean not null default false,
  created_at timestamptz not null,
  unique (account, asset, channel, target, threshold)
);

create table outbox (
  id uuid primary key default gen_random_uuid(),
  alert_id uuid not null references alerts on delete cascade,
  body text not null check (length(body) <= 16384),
  created_at timestamptz not null,
  attempts int not null default 0 check (attempts >= 0),
  -- Undefined when it was delivered or given up.
  next_attempt_at timestamptz,
  delivered_at timestamptz,
  -- In few words and without an address: it is shown to the account.
  last_problem text,
  check (delivered_at is null or next_attempt_at is null)
);
create index on outbox (next_attempt_at) where next_attempt_at is not null;
create index on outbox (alert_id);
