-- Measured facts, one row per request and attempt, inserted if absent and never edited.

create table usage_events (
  tenant_id text not null references tenants (id),
  request_id text not null,
  attempt integer not null,
  project_id text not null,
  key_id text not null,
  gateway_id text not null,
  model_name text not null,
  model_id text not null,
  deployment_id text,
  replica_id text,
  lease_id text,
  price_id text,
  outcome text not null check (outcome in ('finished', 'cancelled', 'failed', 'abandoned')),
  status integer not null,
  input_tokens bigint not null check (input_tokens >= 0),
  cache_read_tokens bigint not null check (cache_read_tokens >= 0),
  cache_write_tokens bigint not null check (cache_write_tokens >= 0),
  output_tokens bigint not null check (output_tokens >= 0),
  reasoning_tokens bigint not null check (reasoning_tokens >= 0),
  -- 'engine' when the engine said it, 'counted' when the gateway counted what it delivered.
  usage_source text not null check (usage_source in ('engine', 'counted', 'none')),
  currency text not null,
  amount_pico numeric(38, 0) not null check (amount_pico >= 0),
  -- What was set aside at admission.
  hold_pico numeric(38, 0) not null check (hold_pico >= 0),
  -- 'price': by its pinned version. 'free': the model had no price. 'hold': the version is unknown
  -- here, so the call costs what was set aside and an operator is told.
  rated_by text not null check (rated_by in ('price', 'free', 'hold')),
  entry_id bigint references ledger_entries (id),
  admitted_at timestamptz not null,
  first_byte_at timestamptz,
  settled_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (tenant_id, request_id, attempt),
  -- Whatever costs something is posted in the transaction that records it.
  check ((amount_pico = 0) = (entry_id is null))
);
create index usage_events_settled on usage_events (tenant_id, settled_at desc, request_id, attempt);
create index usage_events_all_settled on usage_events (settled_at desc);
create index usage_events_entry on usage_events (entry_id);
create index usage_events_lease on usage_events (lease_id) where lease_id is not null;

-- Records that cannot be posted to anyone (an unknown tenant, an unreadable shape): kept whole, so
-- that nothing is lost and one bad record never stops the batch it came in.
create table usage_quarantine (
  record_sha256 bytea primary key,
  gateway_id text not null,
  reason text not null,
  record jsonb not null,
  recorded_at timestamptz not null default now()
);

-- How far each gateway's journal has been taken over; shipping resumes here.
create table usage_shipments (
  gateway_id text primary key,
  segment bigint not null,
  offset_bytes bigint not null,
  shipped_at timestamptz not null default now()
);
