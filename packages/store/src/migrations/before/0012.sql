-- Rows as they can stand before step 12, besides those of before: what an account was charged, and a row that does not grow.
insert into moves (book_hour, account, asset, verb, cause, period, at, tokens, credits)
  select open_hour, account, 'ankr', 'charge', 'period 7', 7, '2026-10-01T00:00Z', 40, 400
  from holdings, (select greatest(open_hour, from_hour) as open_hour from book_hours, book_months order by from_hour desc limit 1) as room
  where account = 'eip155:1:0x1111111111111111111111111111111111111101' and asset = 'ankr';
