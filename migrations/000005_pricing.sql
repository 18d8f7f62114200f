-- Effective-dated price versions; a component is an amount per so many units of one dimension.

create table prices (
  id text primary key,
  model_id text not null references models (id),
  currency text not null,
  effective_from timestamptz not null,
  created_by text,
  created_at timestamptz not null default now(),
  unique (model_id, currency, effective_from)
);

create table price_components (
  price_id text not null references prices (id),
  unit text not null check (unit in ('token', 'request')),
  direction text not null check (direction in ('input', 'cache_read', 'cache_write', 'output', 'reasoning')),
  amount_pico numeric(38, 0) not null check (amount_pico >= 0),
  per_units bigint not null check (per_units > 0),
  primary key (price_id, unit, direction),
  -- One unit costs a whole number of pico, so that no usage line ever needs rounding.
  check (amount_pico % per_units = 0)
);

-- A version is pinned at admission and rated later, so it never changes: a new price is a new version.
create function prices_are_immutable() returns trigger language plpgsql as $$
begin
  raise exception 'a price version never changes; publish a new one'
    using errcode = 'check_violation', constraint = 'prices_are_immutable';
end;
$$;
create trigger prices_immutable before update or delete or truncate on prices
  for each statement execute function prices_are_immutable();
create trigger price_components_immutable before update or delete or truncate on price_components
  for each statement execute function prices_are_immutable();

create trigger prices_feed after insert on price_components
  for each statement execute function bump_feed_version();
