-- Payments: what was asked for, what came of it, what was given back; saved means of payment; automatic top-ups.

create table payments (
  tenant_id text not null references tenants (id),
  id text not null unique,
  adapter text not null check (adapter in ('manual', 'stripe')),
  purpose text not null check (purpose in ('top_up', 'invoice')),
  invoice_id text,
  currency text not null,
  expected_pico numeric(38, 0) not null check (expected_pico > 0),
  -- What the other side says in total, whatever the order its messages come in.
  received_pico numeric(38, 0) not null default 0 check (received_pico >= 0),
  refunded_pico numeric(38, 0) not null default 0 check (refunded_pico >= 0),
  lost_pico numeric(38, 0) not null default 0 check (lost_pico >= 0),
  -- What of it is in the ledger, and how many entries that took.
  posted_pico numeric(38, 0) not null default 0,
  postings integer not null default 0,
  state text not null check (state in ('open', 'succeeded', 'failed', 'expired', 'quarantined')),
  -- Why it is set aside or did not work.
  problem text,
  dispute text check (dispute in ('open', 'won', 'lost')),
  -- Of the session or transfer, and of the money's own movement, at the other side.
  external_id text,
  external_payment_id text,
  is_automatic boolean not null,
  saves_method boolean not null,
  reference text not null default '',
  received_on date,
  -- Sending the same again changes nothing.
  idempotency_key text,
  created_at timestamptz not null,
  paid_at timestamptz,
  expires_at timestamptz,
  primary key (tenant_id, id),
  check ((purpose = 'invoice') = (invoice_id is not null))
);
create unique index payments_idempotency on payments (tenant_id, idempotency_key) where idempotency_key is not null;
create unique index payments_external on payments (adapter, external_id) where external_id is not null;
create index payments_external_payment on payments (adapter, external_payment_id) where external_payment_id is not null;
create index payments_newest on payments (id desc);
create index payments_invoice on payments (tenant_id, invoice_id) where invoice_id is not null;
create index payments_unsure on payments (state, id desc) where state = 'quarantined';

-- Messages of the other side that were taken, each once.
create table payment_events (
  adapter text not null,
  event_id text not null,
  tenant_id text not null references tenants (id),
  payment_id text not null,
  kind text not null,
  received_at timestamptz not null,
  primary key (adapter, event_id)
);
create index payment_events_payment on payment_events (tenant_id, payment_id);

create table payment_refunds (
  tenant_id text not null,
  id text not null unique,
  payment_id text not null,
  amount_pico numeric(38, 0) not null check (amount_pico > 0),
  state text not null check (state in ('pending', 'done', 'failed')),
  reason text not null,
  problem text,
  external_id text,
  idempotency_key text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, payment_id, idempotency_key),
  foreign key (tenant_id, payment_id) references payments (tenant_id, id)
);
create index payment_refunds_pending on payment_refunds (created_at) where state = 'pending';

-- Means of payment as the other side names them; numbers of cards never come here.
create table payment_methods (
  tenant_id text not null references tenants (id),
  adapter text not null,
  customer_id text not null,
  method_id text not null,
  -- Such as "visa …4242".
  label text not null,
  created_at timestamptz not null,
  primary key (tenant_id, adapter)
);

create table auto_top_ups (
  tenant_id text primary key references tenants (id),
  is_on boolean not null,
  threshold_pico numeric(38, 0) not null check (threshold_pico >= 0),
  amount_pico numeric(38, 0) not null check (amount_pico > 0),
  monthly_cap_pico numeric(38, 0) not null check (monthly_cap_pico > 0),
  -- Why it turned itself off.
  problem text,
  tried_at timestamptz,
  updated_at timestamptz not null
);

-- Of the operator's tenant: one row. Keys lie in the vault.
create table payment_settings (
  tenant_id text primary key references tenants (id),
  bank_details text not null,
  stripe_api_base text not null,
  stripe_key_hint text,
  least_pico numeric(38, 0) not null check (least_pico > 0),
  most_pico numeric(38, 0) not null check (most_pico > 0),
  updated_at timestamptz not null
);

-- Budgets: what somebody means to spend, and who was told that it is reached. They stop nothing; limits do.
create table budgets (
  tenant_id text not null references tenants (id),
  id text not null unique,
  name text not null,
  level text not null check (level in ('tenant', 'project', 'key', 'model', 'tag')),
  -- Of the project or key; the name of the model or tag; the tenant's own id.
  scope_id text not null,
  period text not null check (period in ('day', 'week', 'month')),
  time_zone text not null,
  currency text not null,
  amount_pico numeric(38, 0) not null check (amount_pico > 0),
  -- Per cent of what is spent, and of what the period is likely to end at.
  thresholds integer[] not null,
  forecast_thresholds integer[] not null,
  stops boolean not null,
  created_at timestamptz not null,
  checked_at timestamptz,
  primary key (tenant_id, id)
);
create index budgets_checked on budgets (checked_at nulls first);

-- Each threshold fires once a period.
create table budget_alerts (
  tenant_id text not null,
  budget_id text not null,
  period_start timestamptz not null,
  kind text not null check (kind in ('actual', 'forecast')),
  percent integer not null,
  fired_at timestamptz not null,
  primary key (tenant_id, budget_id, period_start, kind, percent),
  foreign key (tenant_id, budget_id) references budgets (tenant_id, id) on delete cascade
);

-- Words that a tenant puts on its projects and keys to add up what belongs together.
create table tags (
  tenant_id text not null references tenants (id),
  level text not null check (level in ('project', 'key')),
  scope_id text not null,
  tag text not null,
  primary key (tenant_id, level, scope_id, tag)
);
create index tags_tag on tags (tenant_id, tag);
