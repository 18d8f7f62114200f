-- What a tenant may keep in the hub, where the operator said something else than what all have.
create table storage_quotas (
  tenant_id text primary key references tenants (id),
  bytes_max bigint not null check (bytes_max >= 0),
  set_at timestamptz not null default now()
);
