-- External providers: another cloud's API as a deployment, what it costs us, and that cost beside each call's price.

create table providers (
  tenant_id text not null references tenants (id),
  id text not null unique,
  name text not null,
  dialect text not null check (dialect in ('openai', 'anthropic', 'dashscope')),
  base_url text not null,
  -- Only the operator may reach into its own network.
  allows_private boolean not null default false,
  -- Requests at a time, of all its models together, per gateway.
  parallel integer not null check (parallel between 1 and 4096),
  timeout_ms integer not null check (timeout_ms between 1000 and 600000),
  is_enabled boolean not null default true,
  -- The last characters of the key, enough to tell two apart.
  key_hint text not null,
  -- Moves with every new key, so that gateways fetch it again.
  key_version integer not null default 1,
  -- The key, sealed by a data key that is sealed by a master key, which is not in this database. Empty once removed.
  key_ciphertext bytea not null,
  key_wrapped bytea not null,
  master_key_id text not null,
  tested_at timestamptz,
  -- How the last test ended: 'ok', or the code of an error.
  test_result text,
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (tenant_id, id)
);
create unique index providers_name on providers (tenant_id, name) where removed_at is null;

create table provider_models (
  tenant_id text not null,
  -- What the feed and usage events call the deployment.
  id text not null unique,
  provider_id text not null,
  -- A model of the hub that it serves too, or an id of its own.
  model_id text not null,
  -- The name callers ask for, and what the provider calls it.
  model_name text not null,
  upstream_model text not null,
  context_length integer check (context_length > 0),
  capabilities text[] not null,
  visibility text not null check (visibility in ('private', 'public')),
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, provider_id) references providers (tenant_id, id)
);
create unique index provider_models_name on provider_models (tenant_id, provider_id, model_name)
  where removed_at is null;
create index provider_models_model on provider_models (model_id) where removed_at is null;

-- What the provider asks of us, per token, from a time on.
create table provider_costs (
  tenant_id text not null,
  id text not null unique,
  provider_model_id text not null,
  currency text not null,
  effective_from timestamptz not null,
  input_pico numeric(38, 0) not null check (input_pico >= 0),
  cache_read_pico numeric(38, 0) check (cache_read_pico >= 0),
  output_pico numeric(38, 0) not null check (output_pico >= 0),
  reasoning_pico numeric(38, 0) check (reasoning_pico >= 0),
  created_by text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, provider_model_id, currency, effective_from),
  foreign key (tenant_id, provider_model_id) references provider_models (tenant_id, id)
);

-- Events refer to a version, so it never changes: a new cost is a new version.
create function provider_costs_are_immutable() returns trigger language plpgsql as $$
begin
  raise exception 'a cost version never changes; record a new one'
    using errcode = 'check_violation', constraint = 'provider_costs_are_immutable';
end;
$$;
create trigger provider_costs_immutable before update or delete on provider_costs
  for each statement execute function provider_costs_are_immutable();

-- What the call cost us; null where nobody outside was paid, or nobody said what it costs.
alter table usage_events
  add column cost_pico numeric(38, 0) check (cost_pico >= 0),
  add column cost_id text;

-- A model of an external provider has a price and is none of the hub's.
alter table prices drop constraint prices_model_id_fkey;

create trigger providers_feed after update on providers
  for each row when (old.name <> new.name or old.base_url <> new.base_url or old.parallel <> new.parallel
    or old.allows_private <> new.allows_private or old.timeout_ms <> new.timeout_ms
    or old.is_enabled <> new.is_enabled or old.key_version <> new.key_version
    or old.removed_at is distinct from new.removed_at)
  execute function bump_feed_version();
create trigger provider_models_feed after insert or update on provider_models
  for each row execute function bump_feed_version();
