-- Rows as they can stand before step 11, besides those of before: an account that has used what no root has taken.
insert into holdings (account, asset, tokens, credits, accrued, spent, life) values
  ('eip155:1:0x1111111111111111111111111111111111111101', 'ankr', 500, 5000, 40, 60, 1);
