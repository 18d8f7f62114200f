-- Who paid a call that was not paid in cash alone, and what its model's author earns of it.

-- The parts of a call, which sum to its amount. A call without rows here was paid in cash.
create table usage_sources (
  tenant_id text not null references tenants (id),
  -- The UTC day that the request's id was made on: a function of the record, the same in every shipment.
  request_day date not null,
  request_id text not null,
  attempt integer not null,
  position integer not null,
  source text not null check (source in ('free_quota', 'plan', 'savings_plan', 'grant', 'cash')),
  -- The grant, plan or quota; null for cash.
  source_id text,
  currency text not null,
  amount_pico numeric(38, 0) not null check (amount_pico >= 0),
  -- What a quota or an allowance counted, where it counts units.
  units bigint check (units >= 0),
  primary key (tenant_id, request_day, request_id, attempt, position)
);

alter table usage_events
  add column author_pico numeric(38, 0) not null default 0 check (author_pico >= 0);
