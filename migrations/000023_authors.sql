-- What authors of models earn: the rules of sharing, a fold of what accrued to them, and what was paid out.

-- The kinds are listed once, in the code that makes accounts; here only their shape.
alter table ledger_accounts drop constraint if exists ledger_accounts_kind_check;
alter table ledger_accounts
  add constraint ledger_accounts_kind_check check (kind ~ '^[a-z][a-z_]{1,29}$');

-- Versions of who gets how much of what; each holds until the next of its model begins. Never edited.
create table share_rules (
  id text primary key,
  -- Null is the default of the whole cloud.
  model_id text,
  -- Of what was paid, in hundredths of a per cent. Null: the model goes back to the default.
  basis_points integer check (basis_points between 0 and 10000),
  -- Who earns it; null is the tenant that published the model.
  author_tenant_id text references tenants (id),
  -- Whether the author's own calls count, and whether what a free quota or a grant paid counts.
  counts_own_usage boolean not null,
  counts_free_usage boolean not null,
  effective_from timestamptz not null,
  created_by text,
  created_at timestamptz not null,
  check (model_id is not null or (basis_points is not null and author_tenant_id is null))
);
create unique index share_rules_from on share_rules (coalesce(model_id, ''), effective_from);

-- A fold of what accrued, in the transaction that posted it, by the day (UTC) on which it was booked: a
-- month that is over never changes. Spread over shards, because all calls of a popular model add to it.
create table author_earnings (
  tenant_id text not null references tenants (id),
  day date not null,
  model_id text not null,
  currency text not null,
  shard integer not null,
  calls bigint not null,
  -- What counted: the payments that were shared.
  revenue_pico numeric(38, 0) not null,
  share_pico numeric(38, 0) not null,
  -- Taken back, because the payment was.
  reversed_pico numeric(38, 0) not null default 0,
  primary key (tenant_id, day, model_id, currency, shard)
);

create table author_payouts (
  tenant_id text not null references tenants (id),
  id text not null unique,
  idempotency_key text not null,
  currency text not null,
  amount_pico numeric(38, 0) not null check (amount_pico > 0),
  -- Of the transfer, as the bank names it.
  reference text not null,
  note text not null,
  entry_id bigint not null references ledger_entries (id),
  created_by text,
  created_at timestamptz not null,
  reversed_at timestamptz,
  reversed_by text,
  reversal_note text,
  reversal_entry_id bigint references ledger_entries (id),
  primary key (tenant_id, id),
  unique (tenant_id, idempotency_key),
  check ((reversed_at is null) = (reversal_entry_id is null))
);
