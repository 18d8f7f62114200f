-- Usage by the day: events in daily partitions, who paid each of them, and sums by the hour and day that every dashboard and bill reads.

-- The UTC day that a request's id was made on (src/metering/request-day.ts), or that of its admission where the
-- id tells none. A batch's line is called again under its own id on another day and is still the same event, so
-- the day belongs to the id and not to the call.
create function usage_request_day(request_id text, admitted_at timestamptz) returns date
language plpgsql immutable as $$
declare
  digits text := substring(request_id from '^[a-z]{2,8}_([0-9a-hjkmnp-tv-z]{10})');
  ms bigint := 0;
begin
  if digits is not null then
    for at in 1..10 loop
      ms := ms * 32 + strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(digits, at, 1)) - 1;
    end loop;
    if ms >= 1577836800000 and ms < 4102444800000 then
      return (to_timestamp(ms / 1000.0) at time zone 'UTC')::date;
    end if;
  end if;
  return (admitted_at at time zone 'UTC')::date;
end;
$$;

alter table usage_events rename to usage_events_before;
alter index usage_events_pkey rename to usage_events_before_pkey;
drop index usage_events_settled, usage_events_all_settled, usage_events_entry, usage_events_lease, usage_events_key;

-- No foreign keys: ingestion looks the tenant up and posts the entry in the same transaction, and a check per
-- row costs more than the row. `flywheel ledger verify` proves both.
create table usage_events (
  request_id text not null,
  attempt integer not null,
  tenant_id text not null,
  request_day date not null,
  project_id text not null,
  key_id text not null,
  gateway_id text not null,
  model_name text not null,
  model_id text not null,
  deployment_id text,
  replica_id text,
  lease_id text,
  price_id text,
  service_tier text not null check (service_tier in ('flex', 'default', 'priority', 'batch')),
  outcome text not null check (outcome in ('finished', 'cancelled', 'failed', 'abandoned')),
  status integer not null,
  input_tokens bigint not null check (input_tokens >= 0),
  cache_read_tokens bigint not null check (cache_read_tokens >= 0),
  cache_write_tokens bigint not null check (cache_write_tokens >= 0),
  cache_write_1h_tokens bigint not null default 0 check (cache_write_1h_tokens >= 0),
  output_tokens bigint not null check (output_tokens >= 0),
  reasoning_tokens bigint not null check (reasoning_tokens >= 0),
  -- [{"unit", "direction", "count"}]; null where only tokens were used.
  units jsonb,
  -- {"isThinking", "cacheKind", "resolution", "region"}; null where nothing chose the price beside the counts.
  attributes jsonb,
  -- 'engine' when the engine said it, 'counted' when the gateway counted what it delivered.
  usage_source text not null check (usage_source in ('engine', 'counted', 'none')),
  currency text not null,
  amount_pico numeric(38, 0) not null check (amount_pico >= 0),
  -- What was set aside at admission.
  hold_pico numeric(38, 0) not null check (hold_pico >= 0),
  -- 'price': by its pinned version. 'free': the model had no price. 'hold': the version is unknown
  -- here, so the call costs what was set aside and an operator is told.
  rated_by text not null check (rated_by in ('price', 'free', 'hold')),
  entry_id bigint,
  -- What the call cost us; null where nobody outside was paid, or nobody said what it costs.
  cost_pico numeric(38, 0) check (cost_pico >= 0),
  cost_id text,
  -- What the model's author earns of it.
  author_pico numeric(38, 0) not null default 0 check (author_pico >= 0),
  -- Null where the cache had no say.
  cache text check (cache in ('hit', 'miss')),
  -- How long it waited for a replica; null where it did not.
  queue_ms bigint check (queue_ms >= 0),
  -- Why it failed; null where it did not.
  error_code text,
  admitted_at timestamptz not null,
  first_byte_at timestamptz,
  settled_at timestamptz not null,
  -- When it counts: when it was settled, or the start of the next period where that one was closed already.
  billed_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  -- The request comes first, not the tenant: ids follow time, so the index grows at its end, which is what
  -- makes it affordable at tens of thousands of rows a second. Every query states the tenant all the same.
  primary key (request_id, attempt, tenant_id, request_day),
  -- Whatever costs something is posted in the transaction that records it.
  check ((amount_pico = 0) = (entry_id is null)),
  check (billed_at >= settled_at)
) partition by range (request_day);
create index usage_events_tenant on usage_events (tenant_id, settled_at);
create index usage_events_late on usage_events (tenant_id, billed_at) where billed_at <> settled_at;
-- A block range index costs next to nothing, and entries come in the order of their ids.
create index usage_events_entry on usage_events using brin (entry_id) with (pages_per_range = 16);
create index usage_events_settled on usage_events using brin (settled_at) with (pages_per_range = 16);

-- The parts of a call, which sum to its amount. A call without rows here was paid in cash.
create table usage_sources (
  request_id text not null,
  attempt integer not null,
  tenant_id text not null,
  request_day date not null,
  position integer not null,
  source text not null check (source in ('free_quota', 'plan', 'savings_plan', 'grant', 'cash')),
  -- The grant, plan or quota; null for cash.
  source_id text,
  currency text not null,
  amount_pico numeric(38, 0) not null check (amount_pico >= 0),
  -- What a quota or an allowance counted, where it counts units.
  units bigint check (units >= 0),
  primary key (request_id, attempt, tenant_id, request_day, position)
) partition by range (request_day);

-- For days that have no partition: nothing is refused for its date. A partition that is made later takes them out.
create table usage_events_rest partition of usage_events default;
create table usage_sources_rest partition of usage_sources default;

-- The days there are partitions for, and between which hours their events count: what a reader looks through.
create table usage_days (
  request_day date primary key,
  first_at timestamptz not null default 'infinity',
  last_at timestamptz not null default '-infinity',
  made_at timestamptz not null default now()
);

-- Makes the partitions of a day and moves in what waited for them.
create function usage_make_day(wanted date) returns void language plpgsql as $$
declare
  parent text;
  child text;
  waits boolean;
begin
  perform pg_advisory_xact_lock(7365203);
  foreach parent in array array['usage_events', 'usage_sources'] loop
    child := parent || '_' || to_char(wanted, 'YYYYMMDD');
    if to_regclass(child) is not null then
      continue;
    end if;
    -- Made apart and attached: that waits for nobody who only reads or writes other days.
    execute format('create table %I (like %I including defaults including constraints)', child, parent);
    execute format('select exists (select 1 from %I where request_day = $1)', parent || '_rest')
      into waits using wanted;
    if waits then
      execute format('with moved as (delete from %I where request_day = $1 returning *) insert into %I select * from moved',
        parent || '_rest', child) using wanted;
    end if;
    execute format('alter table %I attach partition %I for values from (%L) to (%L)',
      parent, child, wanted, wanted + 1);
  end loop;
  insert into usage_days (request_day) values (wanted) on conflict do nothing;
end;
$$;

-- Sums over events, kept in the transaction that records them. `group_id` is a digest of all the columns between
-- it and the numbers, so that the key is short; whoever reads sums by the columns.
create table usage_hourly (
  tenant_id text not null,
  -- Of `billed_at`, UTC.
  hour timestamptz not null,
  group_id uuid not null,
  project_id text not null,
  key_id text not null,
  model_id text not null,
  model_name text not null,
  service_tier text not null,
  rated_by text not null,
  -- Where it was served; empty where nobody said.
  region text not null,
  currency text not null,
  -- It belongs to a period that was closed when it arrived.
  is_correction boolean not null,
  calls bigint not null,
  input_tokens bigint not null,
  cache_read_tokens bigint not null,
  cache_write_tokens bigint not null,
  cache_write_1h_tokens bigint not null,
  output_tokens bigint not null,
  reasoning_tokens bigint not null,
  amount_pico numeric(38, 0) not null,
  cost_pico numeric(38, 0) not null,
  author_pico numeric(38, 0) not null,
  primary key (tenant_id, hour, group_id)
) with (fillfactor = 60);
create index usage_hourly_hour on usage_hourly (hour);

create table usage_daily (
  tenant_id text not null,
  day date not null,
  group_id uuid not null,
  project_id text not null,
  key_id text not null,
  model_id text not null,
  model_name text not null,
  service_tier text not null,
  rated_by text not null,
  region text not null,
  currency text not null,
  is_correction boolean not null,
  calls bigint not null,
  input_tokens bigint not null,
  cache_read_tokens bigint not null,
  cache_write_tokens bigint not null,
  cache_write_1h_tokens bigint not null,
  output_tokens bigint not null,
  reasoning_tokens bigint not null,
  amount_pico numeric(38, 0) not null,
  cost_pico numeric(38, 0) not null,
  author_pico numeric(38, 0) not null,
  primary key (tenant_id, day, group_id)
) with (fillfactor = 60);
create index usage_daily_day on usage_daily (day);

-- What bills are made of: units at one price each. each_pico × priced = amount_pico in every row. By quarter hours,
-- because a bill begins at midnight where its payer lives, and that is how far apart the world's time zones are.
create table usage_line_sums (
  tenant_id text not null,
  quarter timestamptz not null,
  group_id uuid not null,
  currency text not null,
  project_id text not null,
  model_id text not null,
  model_name text not null,
  service_tier text not null,
  price_id text,
  -- All null for calls of before lines were kept. A call that was charged what was set aside for it is a
  -- request at the rate 'hold'.
  unit text,
  direction text,
  charged_as text,
  rate text,
  up_to bigint,
  each_pico numeric(38, 0),
  is_correction boolean not null,
  -- The UTC day it was used on, which for a correction is not the day it counts on.
  service_day date not null,
  calls bigint not null,
  units bigint not null,
  priced bigint not null,
  amount_pico numeric(38, 0) not null,
  primary key (tenant_id, quarter, group_id)
) with (fillfactor = 60);

create table usage_source_sums (
  tenant_id text not null,
  quarter timestamptz not null,
  group_id uuid not null,
  currency text not null,
  project_id text not null,
  model_id text not null,
  model_name text not null,
  source text not null,
  source_id text,
  is_correction boolean not null,
  calls bigint not null,
  -- What quotas and allowances counted.
  units bigint not null,
  amount_pico numeric(38, 0) not null,
  primary key (tenant_id, quarter, group_id)
) with (fillfactor = 60);

do $$
declare
  day date;
begin
  for day in select distinct usage_request_day(request_id, admitted_at) from usage_events_before loop
    perform usage_make_day(day);
  end loop;
end;
$$;

insert into usage_events (request_id, attempt, tenant_id, request_day, project_id, key_id, gateway_id, model_name,
  model_id, deployment_id, replica_id, lease_id, price_id, service_tier, outcome, status, input_tokens,
  cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, units, attributes,
  usage_source, currency, amount_pico, hold_pico, rated_by, entry_id, cost_pico, cost_id, cache, queue_ms, error_code,
  admitted_at, first_byte_at, settled_at, billed_at, recorded_at)
select request_id, attempt, tenant_id, usage_request_day(request_id, admitted_at), project_id, key_id, gateway_id,
  model_name, model_id, deployment_id, replica_id, lease_id, price_id, service_tier, outcome, status, input_tokens,
  cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, units, attributes,
  usage_source, currency, amount_pico, hold_pico, rated_by, entry_id, cost_pico, cost_id, cache, queue_ms, error_code,
  admitted_at, first_byte_at, settled_at, settled_at, recorded_at
from usage_events_before;
drop table usage_events_before;

update usage_days d set first_at = each.first_at, last_at = each.last_at
from (
  select request_day, date_trunc('hour', min(settled_at), 'UTC') as first_at,
    date_trunc('hour', max(billed_at), 'UTC') + interval '1 hour' as last_at
  from usage_events group by 1
) each
where each.request_day = d.request_day;

insert into usage_hourly
select tenant_id, date_trunc('hour', billed_at, 'UTC'), gen_random_uuid(), project_id, key_id, model_id, model_name,
  service_tier, rated_by, coalesce(attributes->>'region', ''), currency, false, count(*), sum(input_tokens),
  sum(cache_read_tokens), sum(cache_write_tokens), sum(cache_write_1h_tokens), sum(output_tokens),
  sum(reasoning_tokens), sum(amount_pico), coalesce(sum(cost_pico), 0), 0
from usage_events
group by 1, 2, 4, 5, 6, 7, 8, 9, 10, 11;

insert into usage_daily
select tenant_id, (hour at time zone 'UTC')::date, gen_random_uuid(), project_id, key_id, model_id, model_name,
  service_tier, rated_by, region, currency, false, sum(calls), sum(input_tokens), sum(cache_read_tokens),
  sum(cache_write_tokens), sum(cache_write_1h_tokens), sum(output_tokens), sum(reasoning_tokens), sum(amount_pico),
  sum(cost_pico), 0
from usage_hourly
group by 1, 2, 4, 5, 6, 7, 8, 9, 10, 11;

-- Calls of before lines were kept apart: one line each quarter hour, without a unit.
insert into usage_line_sums (tenant_id, quarter, group_id, currency, project_id, model_id, model_name, service_tier,
  is_correction, service_day, calls, units, priced, amount_pico)
select tenant_id, date_bin('15 minutes', settled_at, 'epoch'::timestamptz), gen_random_uuid(), currency, project_id,
  model_id, model_name, service_tier, false, (settled_at at time zone 'UTC')::date, count(*), 0, 0, sum(amount_pico)
from usage_events where amount_pico > 0
group by 1, 2, 4, 5, 6, 7, 8, 10;

insert into usage_source_sums (tenant_id, quarter, group_id, currency, project_id, model_id, model_name, source,
  is_correction, calls, units, amount_pico)
select tenant_id, quarter, gen_random_uuid(), currency, project_id, model_id, model_name, 'cash', false,
  sum(calls), 0, sum(amount_pico)
from usage_line_sums
group by 1, 2, 4, 5, 6, 7;
