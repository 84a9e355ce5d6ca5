-- Rows as they can stand before step 9, besides those of before: a deposit whose whole amount is in the books, one of which
-- nothing is, and one that nobody has seen.
insert into deposits
  (id, account, chain_id, transaction_hash, log_index, state, asset, amount, credited, life, block_number, block_hash, told_at,
    booked, booked_credits, booked_times, usd_per_ankr, discount_ppm)
values
  ('33333333-0000-4000-8000-000000000091', 'eip155:1:0x1111111111111111111111111111111111111111', 1,
    decode(repeat('91', 32), 'hex'), 0, 'final', 'ankr', 500, 500, 0, 9, decode(repeat('99', 32), 'hex'), '2026-05-01',
    500, 5000, 2, 20000000000000000, 100000),
  ('33333333-0000-4000-8000-000000000092', 'eip155:1:0x1111111111111111111111111111111111111111', 1,
    decode(repeat('92', 32), 'hex'), 0, 'orphaned', 'usd', 500, 0, 0, 9, decode(repeat('99', 32), 'hex'), '2026-05-01',
    0, 0, 2, null, null);
insert into deposits (account, chain_id, transaction_hash, log_index, told_at) values
  ('eip155:1:0x1111111111111111111111111111111111111111', 1, decode(repeat('93', 32), 'hex'), 0, '2026-05-01');
