-- E-mail alerts go only to addresses that whoever reads them has confirmed.

create table email_addresses (
  account account_name not null references accounts,
  address text not null check (length(address) between 3 and 2048),
  -- What the code in the message is derived from; another one each time that it is asked.
  confirmation_id uuid not null unique default gen_random_uuid(),
  asked_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > asked_at),
  -- When the message was handed over, if it was.
  sent_at timestamptz,
  confirmed_at timestamptz,
  primary key (account, address)
);
-- However many accounts name one address, it gets few messages.
create index on email_addresses (lower(address));

create function is_confirmed(alert alerts) returns boolean language sql stable as $$
  select alert.channel = 'webhook' or exists (
    select from email_addresses
    where account = alert.account and address = alert.target and confirmed_at is not null
  )
$$;

-- Defined for a message that asks for a confirmation.
alter table outbox add column confirmation_id uuid;
create index on outbox (confirmation_id) where confirmation_id is not null;

-- Nobody has confirmed the addresses there are. What waits for them is given up, and is told anew once they are confirmed.
update outbox set next_attempt_at = null, last_problem = 'the address is not confirmed'
  from alerts where alerts.id = alert_id and channel = 'email' and next_attempt_at is not null;
update alerts set is_low = false where channel = 'email';
