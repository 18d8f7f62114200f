-- A lease holds several sources of money in parts, and a tenant may be let over its floor by one lease at most.

alter table leases
  -- How far the gateway may go beyond the amount: 0 in strict mode; over a tenant's open leases together, one lease.
  add column slack_pico numeric(38, 0) not null default 0 check (slack_pico >= 0),
  -- A lease that holds a source for some calls only is for calls of one project to one model; else both are null.
  add column project_id text,
  add column model_id text,
  add check ((project_id is null) = (model_id is null));

-- What a lease holds of each source, in deduction order. `held_pico` is what it still sets aside, 0 once the
-- lease ended; over a lease's parts it is amount - settled while that is above 0.
create table lease_parts (
  tenant_id text not null references tenants (id),
  lease_id text not null,
  position integer not null,
  source_id text not null,
  account_id text not null references ledger_accounts (id),
  amount_pico numeric(38, 0) not null check (amount_pico > 0),
  held_pico numeric(38, 0) not null check (held_pico >= 0 and held_pico <= amount_pico),
  primary key (tenant_id, lease_id, position),
  foreign key (tenant_id, lease_id) references leases (tenant_id, id)
);
create index lease_parts_held on lease_parts (account_id) where held_pico > 0;
create index lease_parts_source on lease_parts (tenant_id, source_id) where held_pico > 0;

insert into lease_parts (tenant_id, lease_id, position, source_id, account_id, amount_pico, held_pico)
select tenant_id, id, 0, 'cash', account_id, amount_pico,
  case when state = 'open' then greatest(amount_pico - settled_pico, 0) else 0 end
from leases;

-- Strict: nobody is admitted whose worst case is not set aside. Relaxed: an estimate is. The cloud's mode
-- holds for tenants without one of their own.
create table lease_modes (
  tenant_id text primary key references tenants (id),
  mode text not null check (mode in ('strict', 'relaxed')),
  changed_at timestamptz not null default now()
);
create table lease_mode_of_cloud (
  is_only boolean primary key default true check (is_only),
  mode text not null check (mode in ('strict', 'relaxed')),
  changed_at timestamptz not null default now()
);
insert into lease_mode_of_cloud (mode) values ('strict');
