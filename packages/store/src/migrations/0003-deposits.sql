-- Deposits on chain, what verifiers attested of them, and the tokens that rest on them.

create table deposits (
  id uuid primary key default gen_random_uuid(),
  -- Who says it is theirs. Only what verifiers attest for this account is credited.
  account account_name not null references accounts,
  chain_id bigint not null check (chain_id > 0),
  transaction_hash digest not null,
  log_index int not null check (log_index >= 0),
  state text not null default 'seen'
    check (state in ('seen', 'confirming', 'attested-capped', 'final', 'orphaned', 'refused')),
  -- Blocks on top of it, and how many are needed, as far as verifiers have said.
  confirmations int check (confirmations >= 0),
  confirmations_needed int check (confirmations_needed > 0),
  -- Why it was refused: a code of the verifiers.
  refusal text,
  asset text check (asset in ('ankr', 'usd')),
  amount amount,
  credited amount not null default 0,
  life bigint check (life >= 0),
  block_number bigint check (block_number >= 0),
  block_hash digest,
  told_at timestamptz not null,
  next_check_at timestamptz,
  checks int not null default 0,
  -- Raised by every change, so that of two who looked at the same one only the first may write.
  revision int not null default 0,
  unique (account, chain_id, transaction_hash, log_index),
  constraint credited_with_facts check (
    case state
      when 'final' then credited = amount and asset is not null
      when 'attested-capped' then credited <= div(amount, 10) and asset is not null
      else credited = 0
    end
  )
);
-- A deposit is credited once, whoever else says that it is theirs.
create unique index credited_once on deposits (chain_id, transaction_hash, log_index)
  where state in ('attested-capped', 'final');
create index on deposits (next_check_at) where next_check_at is not null;

create table attestations (
  deposit_id uuid not null references deposits on delete cascade,
  verifier address not null,
  is_final boolean not null,
  statement jsonb not null,
  primary key (deposit_id, verifier, is_final)
);

-- Tokens bound to a key: without the key they are worth nothing, so that they may lie here.
create table tokens (
  account account_name not null references accounts,
  -- What it is bound to.
  binding digest not null,
  jti text not null,
  token text not null check (length(token) <= 4096),
  chain_id bigint not null,
  transaction_hash digest not null,
  log_index int not null,
  stored_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (account, binding),
  unique (account, jti)
);
create index on tokens (jti);
create index on tokens (expires_at);

create table revocations (
  jti text not null,
  verifier address not null,
  reason text not null check (reason in ('orphaned', 'rekeyed', 'withdrawn')),
  revoked_at timestamptz not null,
  signature text not null,
  primary key (jti, verifier)
);

-- How far the lists of revocations were read.
create table revocation_cursors (
  verifier address primary key,
  next bigint not null check (next >= 0)
);

create function note_holder() returns trigger language plpgsql as $$
begin
  perform note_change('account', coalesce(new.account, old.account));
  return null;
end $$;

create constraint trigger deposit_changed after update on deposits
  deferrable initially deferred for each row when (old.credited is distinct from new.credited)
  execute function note_holder();
create constraint trigger token_changed after insert or update or delete on tokens
  deferrable initially deferred for each row execute function note_holder();
