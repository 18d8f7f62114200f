-- Lines of old days may be dropped once they are closed and proved; what the books need of them stays.

alter table usage_days
  add column dropped_at timestamptz;

-- What dropped calls cost, by the entry that posted them and the lease they were admitted under.
create table usage_archived_entries (
  tenant_id text not null,
  entry_id bigint not null,
  request_day date not null,
  calls bigint not null,
  amount_pico numeric(38, 0) not null,
  primary key (tenant_id, entry_id, request_day)
);
create table usage_archived_leases (
  tenant_id text not null,
  lease_id text not null,
  request_day date not null,
  amount_pico numeric(38, 0) not null,
  primary key (tenant_id, lease_id, request_day)
);
