-- Rows as they can stand before step 5, besides those of before.
insert into alerts (id, account, asset, threshold, channel, target, created_at) values
  ('44444444-0000-4000-8000-000000000001', 'eip155:1:0x3333333333333333333333333333333333333333', 'ankr', 5, 'webhook', 'https://hooks.example', '2026-04-01');
insert into outbox (alert_id, body, created_at) values
  ('44444444-0000-4000-8000-000000000001', '{}', '2026-04-02');
