-- What may pay for calls besides cash: grants, free quotas, coupons, savings plans, plans and their windows.

-- The list of kinds is in src/ledger/entry.ts; a second one here would have to move with it.
alter table ledger_accounts drop constraint ledger_accounts_kind_check;
alter table ledger_accounts add constraint ledger_accounts_kind_check check (kind ~ '^[a-z][a-z_]{1,29}$');
-- A tenant has an account of its own for each grant and savings plan.
drop index ledger_accounts_tenant;
create unique index ledger_accounts_tenant on ledger_accounts (tenant_id, kind, currency)
  where kind not in ('grant', 'savings_plan');

-- A row for each tenant that has, or had, something here. It is the lock under which all of it changes.
create table credit_tenants (
  tenant_id text primary key references tenants (id),
  -- 'Free quota only': nothing else may pay.
  is_free_only boolean not null default false,
  created_at timestamptz not null default now()
);

create table deduction_orders (
  id text primary key,
  effective_from timestamptz not null unique,
  -- [{"source", "exceptTiers"}], first to last.
  steps jsonb not null,
  created_by text,
  created_at timestamptz not null default now()
);

-- An amount of money with a time and a scope. `remaining_pico` is the balance of its ledger account.
create table grants (
  tenant_id text not null references tenants (id),
  id text not null unique,
  origin text not null check (origin in ('manual', 'coupon', 'savings_plan')),
  -- The coupon or the savings plan it came from.
  origin_id text,
  name text not null,
  currency text not null,
  amount_pico numeric(38, 0) not null check (amount_pico > 0),
  remaining_pico numeric(38, 0) not null check (remaining_pico >= 0 and remaining_pico <= amount_pico),
  -- What the tenant paid for it: nothing, but for savings plans.
  paid_pico numeric(38, 0) not null default 0 check (paid_pico >= 0),
  -- The part of each call that it pays; 10000 is all of it.
  share_basis_points integer not null default 10000 check (share_basis_points between 1 and 10000),
  priority integer not null,
  model_ids text[],
  models text[],
  project_id text,
  product text check (product in ('inference', 'batch', 'tuning', 'storage', 'compute')),
  starts_at timestamptz not null,
  expires_at timestamptz,
  -- It ends soon: it pays for what leases hold of it, and new ones hold nothing more.
  is_revoked boolean not null default false,
  -- The tenant was told that it ends soon.
  is_told boolean not null default false,
  state text not null default 'active' check (state in ('active', 'ended')),
  note text not null default '',
  idempotency_key text not null,
  created_by text,
  created_at timestamptz not null,
  closed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, idempotency_key),
  check (expires_at > starts_at),
  check ((state = 'active') = (closed_at is null)),
  -- What is left when it ends goes to breakage.
  check (state = 'active' or remaining_pico = 0),
  check ((model_ids is null) = (models is null))
);
create index grants_expiry on grants (expires_at) where state = 'active';

-- What a new tenant gets of each model.
create table free_quota_rules (
  model_id text not null,
  unit text not null,
  model_name text not null,
  units numeric(38, 0) not null check (units > 0),
  -- Null never ends.
  valid_days integer check (valid_days > 0),
  created_by text,
  updated_at timestamptz not null,
  primary key (model_id, unit)
);

create table free_quotas (
  tenant_id text not null references tenants (id),
  id text not null unique,
  model_id text not null,
  model_name text not null,
  unit text not null,
  units numeric(38, 0) not null check (units > 0),
  used_units numeric(38, 0) not null default 0 check (used_units >= 0 and used_units <= units),
  starts_at timestamptz not null,
  expires_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  -- Given once, however often a rule is applied.
  unique (tenant_id, model_id, unit)
);

create table coupons (
  id text primary key,
  -- As it is compared: upper case, without blanks.
  code text not null unique,
  name text not null,
  -- 'amount': so much. 'top_up': a part of the next top-up. 'usage': a part of every call, up to an amount.
  kind text not null check (kind in ('amount', 'top_up', 'usage')),
  currency text not null,
  amount_pico numeric(38, 0) not null check (amount_pico > 0),
  share_basis_points integer check (share_basis_points between 1 and 10000),
  redemptions integer not null default 0 check (redemptions >= 0),
  redemptions_max integer check (redemptions_max > 0),
  valid_until timestamptz,
  -- How long what it gives lasts; null never ends.
  grant_days integer check (grant_days > 0),
  priority integer not null,
  model_ids text[],
  models text[],
  product text check (product in ('inference', 'batch', 'tuning', 'storage', 'compute')),
  state text not null default 'active' check (state in ('active', 'archived')),
  created_by text,
  created_at timestamptz not null,
  check (redemptions <= redemptions_max),
  check ((kind = 'amount') = (share_basis_points is null))
);

create table coupon_redemptions (
  tenant_id text not null references tenants (id),
  coupon_id text not null references coupons (id),
  -- 'waiting' for a top-up; then there is a grant.
  state text not null check (state in ('waiting', 'granted')),
  grant_id text,
  redeemed_by text,
  redeemed_at timestamptz not null,
  primary key (tenant_id, coupon_id),
  check ((state = 'granted') = (grant_id is not null))
);

-- What may be bought: an amount for so many months, at a discount, paid up front.
create table savings_plans (
  id text primary key,
  name text not null unique,
  currency text not null,
  amount_pico numeric(38, 0) not null check (amount_pico > 0),
  discount_basis_points integer not null check (discount_basis_points between 0 and 9999),
  months integer not null check (months between 1 and 60),
  model_ids text[],
  models text[],
  product text check (product in ('inference', 'batch', 'tuning', 'storage', 'compute')),
  state text not null default 'active' check (state in ('active', 'archived')),
  created_by text,
  created_at timestamptz not null
);

-- A plan never changes once it is there: another price or allowance is another plan.
create table plans (
  id text primary key,
  name text not null unique,
  description text not null default '',
  currency text not null,
  -- Of a month.
  price_pico numeric(38, 0) not null check (price_pico >= 0),
  unit text not null check (unit in ('token', 'amount')),
  at_end text not null check (at_end in ('overage', 'block')),
  model_ids text[],
  models text[],
  state text not null default 'active' check (state in ('active', 'archived')),
  created_by text,
  created_at timestamptz not null
);

create table plan_windows (
  plan_id text not null references plans (id),
  period text not null check (period in ('5_hours', 'week', 'month')),
  -- Tokens, or pico where the plan is counted in money.
  allowance numeric(38, 0) not null check (allowance > 0),
  primary key (plan_id, period)
);

create table subscriptions (
  tenant_id text not null references tenants (id),
  id text not null unique,
  plan_id text not null references plans (id),
  -- 'past_due': the period was not paid; it gives nothing until it is.
  state text not null check (state in ('active', 'past_due', 'ended')),
  -- Where its windows and periods are counted from.
  started_at timestamptz not null,
  period_start timestamptz not null,
  period_end timestamptz not null,
  -- What happens when the period ends.
  next_plan_id text references plans (id),
  ends_at_period_end boolean not null default false,
  -- Paid and not yet earned.
  deferred_pico numeric(38, 0) not null check (deferred_pico >= 0),
  -- How many entries it has posted: their keys count.
  postings integer not null,
  created_by text,
  ended_at timestamptz,
  primary key (tenant_id, id),
  check (period_start < period_end),
  check ((state = 'ended') = (ended_at is not null)),
  check (state <> 'ended' or deferred_pico = 0),
  check (next_plan_id is null or not ends_at_period_end)
);
create unique index subscriptions_live on subscriptions (tenant_id) where state <> 'ended';
create index subscriptions_due on subscriptions (period_end) where state <> 'ended';

create table subscription_windows (
  tenant_id text not null,
  subscription_id text not null,
  period text not null check (period in ('5_hours', 'week', 'month')),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  allowance numeric(38, 0) not null check (allowance > 0),
  used numeric(38, 0) not null default 0 check (used >= 0 and used <= allowance),
  -- Let through beyond the allowance of a plan that blocks, at the platform's expense.
  over numeric(38, 0) not null default 0 check (over >= 0),
  primary key (tenant_id, subscription_id, period, starts_at),
  foreign key (tenant_id, subscription_id) references subscriptions (tenant_id, id)
);

-- What was bought here, for statements: one row for each line that a tenant was charged, or got back.
create table purchases (
  tenant_id text not null references tenants (id),
  id text not null unique,
  kind text not null check (kind in ('subscription', 'unused', 'remaining', 'savings_plan')),
  -- The subscription or the grant.
  subject_id text not null,
  name text not null,
  currency text not null,
  -- Below zero where it came back.
  amount_pico numeric(38, 0) not null,
  service_from timestamptz not null,
  service_to timestamptz not null,
  entry_id bigint references ledger_entries (id),
  purchased_at timestamptz not null,
  primary key (tenant_id, id)
);
create index purchases_time on purchases (tenant_id, purchased_at desc);
