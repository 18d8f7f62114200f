-- Limits of tenants, projects and keys; the shares of them that gateways hold; what was spent, by the quarter hour.

create table limits (
  tenant_id text not null references tenants (id),
  -- 'platform' is the operator's ceiling for the tenant; the other three the tenant sets for itself.
  level text not null check (level in ('platform', 'tenant', 'project', 'key')),
  scope_id text not null,
  requests_per_second bigint check (requests_per_second > 0),
  requests_per_minute bigint check (requests_per_minute > 0),
  tokens_per_minute bigint check (tokens_per_minute > 0),
  concurrency bigint check (concurrency > 0),
  daily_budget_pico numeric(38, 0) check (daily_budget_pico >= 0),
  monthly_budget_pico numeric(38, 0) check (monthly_budget_pico >= 0),
  -- Null means all of them.
  models text[],
  regions text[],
  networks text[],
  -- Where the tenant's days and months begin; read at the tenant's own level only. Null means UTC.
  time_zone text,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, level, scope_id)
);

-- Moves with every change of a tenant's limits, and the feed with it: gateways ask anew what they know.
create table limit_versions (
  tenant_id text primary key references tenants (id),
  version bigint not null,
  changed_at timestamptz not null
);
create index limit_versions_changed on limit_versions (changed_at);
create trigger limit_versions_feed after insert or update on limit_versions
  for each statement execute function bump_feed_version();

-- One row per limited quantity: the lock under which shares of it are handed out.
create table limit_meters (
  tenant_id text not null references tenants (id),
  level text not null,
  scope_id text not null,
  metric text not null check (metric in ('requests_per_second', 'requests_per_minute',
    'tokens_per_minute', 'concurrency', 'daily_budget', 'monthly_budget')),
  primary key (tenant_id, level, scope_id, metric)
);

-- The part of a limit that one gateway may use without asking: calls, tokens, streams or pico. It
-- counts against the limit from its first moment until it is closed, exactly once.
create table limit_shares (
  tenant_id text not null,
  id text not null unique,
  level text not null,
  scope_id text not null,
  metric text not null,
  gateway_id text not null,
  amount numeric(38, 0) not null check (amount >= 0),
  -- As the gateway said last.
  used numeric(38, 0) not null default 0 check (used >= 0),
  -- Of a budget: what of it is in the books, and so counts there and no longer here.
  settled numeric(38, 0) not null default 0 check (settled >= 0),
  state text not null default 'open' check (state in ('open', 'released', 'expired')),
  created_at timestamptz not null,
  reported_at timestamptz not null,
  -- Nothing is admitted on it after this; what was still counts until it is closed.
  expires_at timestamptz not null,
  closed_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, level, scope_id, metric)
    references limit_meters (tenant_id, level, scope_id, metric),
  check ((state = 'open') = (closed_at is null))
);
create index limit_shares_open on limit_shares (tenant_id, level, scope_id, metric)
  where state = 'open';
create index limit_shares_expiry on limit_shares (expires_at) where state = 'open';
create index limit_shares_gateway on limit_shares (gateway_id) where state = 'open';
create index limit_shares_closed on limit_shares (closed_at) where state <> 'open';

-- A fold over usage events, kept in the transaction that records them: what each scope spent.
create table limit_spending (
  tenant_id text not null references tenants (id),
  level text not null check (level in ('tenant', 'project', 'key')),
  scope_id text not null,
  -- Quarter hours, because that is how far apart the world's time zones are.
  quarter timestamptz not null,
  spent_pico numeric(38, 0) not null,
  primary key (tenant_id, level, scope_id, quarter)
);
insert into limit_spending (tenant_id, level, scope_id, quarter, spent_pico)
select tenant_id, level, scope_id, date_bin('15 minutes', settled_at, 'epoch'::timestamptz), sum(amount_pico)
from usage_events,
  lateral (values ('tenant', tenant_id), ('project', project_id), ('key', key_id)) as each (level, scope_id)
where amount_pico > 0
group by 1, 2, 3, 4;
