-- A price over every dimension: units, conditions, size tiers and how they apply; terms of classes and regions.

alter table prices
  -- By class of service, a multiple and the directions without a price of their own; null is the defaults.
  add column service_terms jsonb,
  -- By region, a multiple of the price; null is the same everywhere.
  add column regions jsonb;

alter table price_components
  drop constraint price_components_pkey,
  drop constraint price_components_check,
  drop constraint price_components_unit_check,
  add column mode text not null default 'whole_request'
    check (mode in ('whole_request', 'graduated', 'volume', 'package')),
  -- The largest size of the tier, in units; null is the last tier.
  add column up_to bigint check (up_to > 0),
  -- Null applies to every request.
  add column service_tier text check (service_tier in ('flex', 'default', 'priority', 'batch')),
  add column resolution text,
  add column is_thinking boolean,
  add column cache_kind text check (cache_kind in ('implicit', 'explicit')),
  add column cache_ttl text check (cache_ttl in ('5m', '1h')),
  add constraint price_components_unit_check check (unit in ('token', 'character', 'second', 'image',
    'video_second', 'page', 'request', 'gb_day', 'gpu_hour', 'training_token')),
  -- One count costs a whole number of pico, so that no usage line ever needs rounding. These are counted in thousandths.
  add constraint price_components_whole_pico check (mode = 'package' or amount_pico % (per_units
    * case when unit in ('second', 'video_second', 'gb_day', 'gpu_hour') then 1000 else 1 end) = 0),
  add constraint price_components_key unique nulls not distinct
    (price_id, unit, direction, service_tier, resolution, is_thinking, cache_kind, cache_ttl, up_to);

-- How much of a rate with monthly tiers a tenant has used: a fold, and the lock of its next call.
create table price_positions (
  tenant_id text not null references tenants (id),
  price_id text not null references prices (id),
  -- The rate within its version, its class and region, such as 'token/output@default@'.
  rate text not null,
  -- The UTC month of admission.
  month date not null,
  used_count numeric(38, 0) not null check (used_count >= 0),
  primary key (tenant_id, price_id, rate, month)
);

-- What each call added to it, so that anybody can rate the call again.
create table price_position_uses (
  tenant_id text not null references tenants (id),
  request_id text not null,
  attempt integer not null,
  rate text not null,
  price_id text not null references prices (id),
  month date not null,
  from_count numeric(38, 0) not null check (from_count >= 0),
  used_count numeric(38, 0) not null check (used_count > 0),
  primary key (tenant_id, request_id, attempt, rate),
  -- No two calls stand at the same place.
  unique (tenant_id, price_id, rate, month, from_count)
);
