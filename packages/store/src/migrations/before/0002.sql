-- Rows as they can stand before step 2.
insert into accounts (name, premium_id, title, status, created_at) values
  ('eip155:1:0x1111111111111111111111111111111111111111', '11111111-0000-4000-8000-000000000001', 'Tea room', 'active', '2026-01-01'),
  ('eip155:1:0x2222222222222222222222222222222222222222', '22222222-0000-4000-8000-000000000001', '', 'frozen', '2026-01-02');
insert into nonces values (sha256('nonce'), '2026-01-01');
insert into sessions (token_hash, wallet, created_at, used_at, ends_at) values
  (sha256('session'), 'eip155:1:0x1111111111111111111111111111111111111111', '2026-01-01', '2026-01-01', '2026-01-08');
insert into projects (id, account, name, created_at) values
  ('11111111-0000-4000-8000-000000000002', 'eip155:1:0x1111111111111111111111111111111111111111', 'site', '2026-01-01');
insert into keys (id, account, project_id, name, status, restrictions, credits_per_day_max, created_at) values
  ('11111111-0000-4000-8000-000000000003', 'eip155:1:0x1111111111111111111111111111111111111111', '11111111-0000-4000-8000-000000000002', 'web', 'active',
   '{"origins":["example.org"],"addresses":[],"contracts":[],"methods":[],"chains":[]}', 1000000, '2026-01-01');
insert into key_hashes values
  (sha256('old'), '11111111-0000-4000-8000-000000000003', '2026-01-01', '2026-01-03'),
  (sha256('new'), '11111111-0000-4000-8000-000000000003', '2026-01-02', null);
