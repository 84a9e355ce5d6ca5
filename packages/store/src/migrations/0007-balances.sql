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
