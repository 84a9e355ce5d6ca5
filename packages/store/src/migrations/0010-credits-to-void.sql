-- Credits that were taken back while gateways held them: they end as leases come back, and nothing is free before.
alter table holdings add column to_void amount not null default 0;
alter table holdings add constraint voided_first check (to_void = 0 or credits = leased);
