-- Machines, the wish that a revision is served, and the copies that run.

create table nodes (
  id text primary key,
  name text not null unique,
  region text not null,
  zone text not null default 'a',
  cores integer not null,
  memory_bytes bigint not null,
  version text not null,
  joined_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now()
);

create table deployments (
  tenant_id text not null references tenants (id),
  id text not null unique,
  -- The name callers ask for in `model`.
  model_name text not null,
  model_id text not null references models (id),
  revision_id text not null,
  engine text not null check (engine in ('llama', 'openai')),
  replicas_min integer not null check (replicas_min >= 0),
  replicas_max integer not null check (replicas_max >= 1 and replicas_max >= replicas_min),
  -- Replicas wanted now, between min and max; moved by scaling.
  replicas_wanted integer not null,
  parallel integer not null check (parallel between 1 and 256),
  context_length integer check (context_length > 0),
  base_url text,
  upstream_model text,
  last_wanted_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (tenant_id, id)
);
create index deployments_live on deployments (model_name) where removed_at is null;

create table replicas (
  id text primary key,
  deployment_id text not null references deployments (id),
  node_id text references nodes (id),
  state text not null check (state in ('absent', 'loading', 'ready', 'draining', 'failed')),
  reason text,
  url text,
  engine_key text,
  context_length integer,
  parallel integer,
  capabilities text[] not null default '{}',
  restarts integer not null default 0,
  progress real,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  ready_at timestamptz
);
create index replicas_deployment on replicas (deployment_id);

create trigger deployments_feed after insert or update of removed_at, replicas_max, replicas_wanted on deployments
  for each statement execute function bump_feed_version();
create trigger replicas_feed after insert or delete or update of state, url on replicas
  for each statement execute function bump_feed_version();
