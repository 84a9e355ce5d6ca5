-- Rows as they can stand before step 6, besides those of before.
insert into alerts (id, account, asset, threshold, channel, target, is_low, created_at) values
  ('55555555-0000-4000-8000-000000000001', 'eip155:1:0x3333333333333333333333333333333333333333', 'usd', 5, 'email', 'ops@example.org', true, '2026-04-01'),
  ('55555555-0000-4000-8000-000000000002', 'eip155:1:0x3333333333333333333333333333333333333333', 'usd', 5, 'webhook', 'https://hook.example', true, '2026-04-01');
insert into outbox (alert_id, body, created_at, next_attempt_at, delivered_at) values
  ('55555555-0000-4000-8000-000000000001', '{}', '2026-04-01', '2026-04-01', null),
  ('55555555-0000-4000-8000-000000000001', '{}', '2026-03-01', null, '2026-03-01'),
  ('55555555-0000-4000-8000-000000000002', '{}', '2026-04-01', '2026-04-01', null);
