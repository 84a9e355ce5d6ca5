-- Rows as they can stand before step 10, besides those of before: a holding whose tokens are gone, and all of whose credits
-- a gateway has.
insert into accounts (name, created_at) values ('eip155:1:0x1010101010101010101010101010101010101010', '2026-05-01');
insert into holdings (account, asset, tokens, credits, leased) values
  ('eip155:1:0x1010101010101010101010101010101010101010', 'ankr', 0, 30, 30);
