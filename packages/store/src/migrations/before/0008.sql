-- Rows as they can stand before step 8, besides those of before: a deposit, leases, charges of two hours, and some that
-- could not be charged.
insert into accounts (name, created_at) values ('eip155:1:0x8888888888888888888888888888888888888888', '2026-05-01');
insert into deposits (id, account, chain_id, transaction_hash, log_index, state, asset, amount, credited, life, block_number,
    block_hash, told_at, booked, booked_credits, booked_times) values
  ('88888888-0000-4000-8000-000000000001', 'eip155:1:0x8888888888888888888888888888888888888888', 1, decode(repeat('88', 32), 'hex'),
    0, 'final', 'ankr', 1000, 1000, 0, 10, decode(repeat('99', 32), 'hex'), '2026-05-01', 1000, 2000, 1);
insert into holdings (account, asset, tokens, credits, leased, accrued, period, period_used) values
  ('eip155:1:0x8888888888888888888888888888888888888888', 'ankr', 850, 1700, 400, 150, 7, 150);
insert into leases (epoch, account, asset, key, credits)
  select max(id), 'eip155:1:0x8888888888888888888888888888888888888888', 'ankr', '', 400 from meter_epochs;
insert into journals (cause, at) values
  ('deposit 88888888-0000-4000-8000-000000000001 1', '2026-05-01T10:00Z'), ('leases one', '2026-05-01T10:10Z'),
  ('epoch 8 frames to 2', '2026-05-01T10:20Z'), ('epoch 8 frames to 3', '2026-05-01T10:30Z'),
  ('epoch 8 frames to 4', '2026-05-01T11:10Z');
insert into moves (journal, account, asset, verb, tokens, credits)
  select journals.id, 'eip155:1:0x8888888888888888888888888888888888888888', 'ankr', verb, tokens, credits
  from journals join (values
    ('deposit 88888888-0000-4000-8000-000000000001 1', 'deposit', 1000, 2000), ('leases one', 'lease', 0, 800),
    ('epoch 8 frames to 2', 'charge', 50, 100), ('epoch 8 frames to 2', 'return', 0, 100),
    ('epoch 8 frames to 3', 'charge', 25, 50), ('epoch 8 frames to 3', 'chargeLate', 25, 50),
    ('epoch 8 frames to 4', 'charge', 50, 100), ('epoch 8 frames to 4', 'return', 0, 50)
  ) as told (cause, verb, tokens, credits) using (cause);
insert into uncollected (journal, account, credits)
  select id, 'eip155:1:0x8888888888888888888888888888888888888888', 9 from journals where cause like 'epoch 8 %';
insert into usage values
  (493786, 'eip155:1:0x8888888888888888888888888888888888888888', '', 'eth', 'eth_call', 'ok', 3, 218),
  (493787, 'eip155:1:0x8888888888888888888888888888888888888888', '', 'eth', 'eth_call', 'ok', 1, 109);
