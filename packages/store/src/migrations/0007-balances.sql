-- What gateways and alerts hear of what accounts have left, by the books.

-- What an account can pay with beyond what it has asked out, in base units: what is unused by the books, and what is
-- credited of deposits and not in them yet.
create function credit_of(whose text, what text) returns numeric language sql stable as $$
  select greatest(0,
    coalesce((select tokens::numeric - held::numeric from holdings where account = whose and asset = what), 0)
    + coalesce((
      select sum(greatest(credited::numeric - booked::numeric, 0)) from deposits
      where account = whose and asset = what
    ), 0))
$$;

-- Whether anything is left to pay requests with.
create function can_pay(whose text) returns boolean language sql stable as $$
  select exists (select from holdings where account = whose and tokens > 0 and credits > 0)
    or exists (select from deposits where account = whose and credited > booked)
$$;

create constraint trigger holding_ended after update on holdings
  deferrable initially deferred for each row
  when ((old.tokens > 0 and old.credits > 0) is distinct from (new.tokens > 0 and new.credits > 0))
  execute function note_holder();

-- Wakes whoever writes to people; what they are told is decided then. Deferred, so that it is the balance that stays.
create function note_alert() returns trigger language plpgsql as $$
begin
  if exists (
    select from alerts where account = new.account and asset = new.asset
      and is_low <> (credit_of(account, asset) < threshold) and is_confirmed(alerts)
  ) then
    perform pg_notify('mooring_alerts', '');
  end if;
  return null;
end $$;

create constraint trigger credit_changed after update on holdings
  deferrable initially deferred for each row
  when (old.tokens is distinct from new.tokens or old.held is distinct from new.held)
  execute function note_alert();

-- An alert is about a balance, or about what a key has used of its limit for a day.
alter table alerts
  alter column asset drop not null,
  alter column threshold drop not null,
  add column key_id uuid references keys on delete cascade,
  -- Of the key's limit.
  add column percent int check (percent between 1 and 100),
  add constraint about_one_thing check (
    (asset is null) = (threshold is null) and (key_id is null) = (percent is null) and (key_id is null) = (asset is not null)
  );
create unique index alerts_of_key on alerts (key_id, percent, channel, target);
create index on alerts ((key_id::text)) where key_id is not null;

-- Whether an alert is to be told, on a day (UTC) since 1970. That of a key ends with the day.
create function is_due(alert alerts, today int) returns boolean language sql stable as $$
  select case when alert.key_id is null then credit_of(alert.account, alert.asset) < alert.threshold
    else coalesce((
      select used::numeric * 100 >= credits_per_day_max::numeric * alert.percent
      from keys join key_days on key = alert.key_id::text and day = today where keys.id = alert.key_id
    ), false)
  end
$$;

create function note_key_alert() returns trigger language plpgsql as $$
begin
  if exists (
    select from alerts where key_id::text = new.key and is_low <> is_due(alerts, new.day) and is_confirmed(alerts)
  ) then
    perform pg_notify('mooring_alerts', '');
  end if;
  return null;
end $$;

create constraint trigger key_used after insert or update on key_days
  deferrable initially deferred for each row execute function note_key_alert();
