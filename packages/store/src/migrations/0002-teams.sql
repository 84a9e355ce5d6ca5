-- Several people act for one account.

create table members (
  account account_name not null references accounts,
  -- The account that the member signs in with.
  wallet account_name not null,
  role text not null check (role in ('owner', 'admin', 'developer', 'finance')),
  -- Undefined until the invited one has accepted.
  joined_at timestamptz,
  invited_at timestamptz not null,
  primary key (account, wallet)
);
create index on members (wallet);

-- Until now an account was its wallet's alone.
insert into members (account, wallet, role, joined_at, invited_at)
  select name, name, 'owner', created_at, created_at from accounts;

create function check_members() returns trigger language plpgsql as $$
declare
  whose text := coalesce(new.account, old.account);
begin
  -- One after the other: two owners who leave at once would each see the other stay. The weakest lock that does it, since
  -- each of them holds the account already for the sake of its reference.
  perform from accounts where name = whose for no key update;
  if not exists (
    select from members where account = whose and role = 'owner' and joined_at is not null
  ) then
    raise exception 'an account needs an owner' using errcode = 'check_violation', constraint = 'last_owner';
  end if;
  if (select count(*) from members where account = whose) > 20 then
    raise exception 'a team has at most 20 members' using errcode = 'check_violation', constraint = 'team_size';
  end if;
  return null;
end $$;

-- At once, not at the end: a client that sends several statements ahead may miss an error that comes after the last row.
create trigger members_hold after insert or update or delete on members
  for each row execute function check_members();
