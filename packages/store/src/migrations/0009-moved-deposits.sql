-- Deposits that a fork moves into another block, and those that the chain itself tells of.

alter table deposits
  -- Whoever reads the chain has seen it there: nobody has made it up.
  add column is_seen boolean not null default false,
  -- Where and in what its tokens in the books were given: a fork may move it to another block, at another rate, or even
  -- into the other escrow.
  add column booked_asset asset,
  add column booked_block digest;
update deposits set booked_asset = asset, booked_block = block_hash where booked > 0;
alter table deposits
  add constraint booked_somewhere check (booked = 0 or booked_asset is not null and booked_block is not null);

drop index deposits_to_book;
create index deposits_to_book on deposits (block_number, log_index)
  where credited <> booked or booked > 0 and booked_block <> block_hash;
-- The lowest of them is asked about for all: see `takeDueDeposits`.
create index deposits_capped on deposits (block_number) where state = 'attested-capped';
