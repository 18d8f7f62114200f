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
  -- Blobs of the revision that an engine needs, pinned here because a revision never changes.
  weights jsonb,
  -- Estimate of what one replica takes on its node.
  replica_bytes bigint not null default 0 check (replica_bytes >= 0),
  last_wanted_at timestamptz not null default now(),
  scaled_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (tenant_id, id)
);
create index deployments_live on deployments (model_name) where removed_at is null;
create index deployments_model on deployments (model_id) where removed_at is null;

create table replicas (
  id text primary key,
  deployment_id text not null references deployments (id),
  node_id text references nodes (id),
  state text not null check (state in ('absent', 'loading', 'ready', 'draining', 'failed')),
  reason text,
  url text,
  engine_key text,
  -- What the engine calls the model, where that is not our name.
  upstream_model text,
  context_length integer,
  parallel integer,
  capabilities text[] not null default '{}',
  restarts integer not null default 0,
  progress real,
  -- Requests inside the engine when the node last looked.
  running integer not null default 0,
  waiting integer not null default 0,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  ready_at timestamptz
);
create index replicas_deployment on replicas (deployment_id);
create index replicas_node on replicas (node_id);

-- The last lines of each deployment's engines, trimmed as new ones arrive.
create table replica_logs (
  deployment_id text not null references deployments (id),
  id bigint generated always as identity,
  replica_id text not null,
  logged_at timestamptz not null,
  line text not null,
  primary key (deployment_id, id)
);

-- Row triggers with a condition: a statement trigger fires for updates that change nothing, and each firing sends the
-- whole feed to every gateway.
create trigger deployments_feed_insert after insert on deployments
  for each row execute function bump_feed_version();
create trigger deployments_feed_update after update on deployments
  for each row when (old.removed_at is distinct from new.removed_at
    or (old.replicas_wanted = 0) <> (new.replicas_wanted = 0))
  execute function bump_feed_version();
create trigger replicas_feed_rows after insert or delete on replicas
  for each row execute function bump_feed_version();
create trigger replicas_feed_update after update on replicas
  for each row when (old.state <> new.state or old.url is distinct from new.url
    or (old.state = 'failed' and old.reason is distinct from new.reason))
  execute function bump_feed_version();
