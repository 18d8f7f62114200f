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
  entry_id bigint references ledger_entries (id),
  admitted_at timestamptz not null,
  first_byte_at timestamptz,
  settled_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (tenant_id, request_id, attempt)
);
create index usage_events_settled on usage_events (tenant_id, settled_at desc);
create index usage_events_entry on usage_events (entry_id);

-- How far each gateway's journal has been taken over; shipping resumes here.
create table usage_shipments (
  gateway_id text primary key,
  segment bigint not null,
  offset_bytes bigint not null,
  shipped_at timestamptz not null default now()
);
