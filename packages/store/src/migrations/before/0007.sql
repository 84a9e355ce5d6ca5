-- Rows as they can stand before step 7, besides those of before.
insert into meter_epochs (instance, last_frame, began_at, leased_until) values ('gw-1', 2, '2026-05-01', '2026-05-02');
insert into holdings (account, asset, tokens, credits, leased, held, accrued, spent, life, period, period_used) values
  ('eip155:1:0x3333333333333333333333333333333333333333', 'ankr', 90, 900, 100, 20, 10, 5, 1, 7, 10);
insert into leases (epoch, account, asset, key, credits)
  select id, 'eip155:1:0x3333333333333333333333333333333333333333', 'ankr', '', 100 from meter_epochs;
insert into key_days values ('11111111-0000-4000-8000-000000000003', 20000, 100);
insert into journals (cause, at) values ('test', '2026-05-01');
insert into moves (journal, account, asset, verb, tokens, credits)
  select id, 'eip155:1:0x3333333333333333333333333333333333333333', 'ankr', 'charge', 10, 100 from journals;
insert into uncollected (journal, account, credits)
  select id, 'eip155:1:0x3333333333333333333333333333333333333333', 7 from journals;
insert into usage values
  (494000, 'eip155:1:0x3333333333333333333333333333333333333333', '11111111-0000-4000-8000-000000000003', 'eth', 'eth_call', 'ok', 1, 100);
update deposits set booked = 100, booked_credits = 1000, booked_times = 1 where id = '33333333-0000-4000-8000-000000000001';
