-- Names that stand for models, with weights, a canary and fallbacks; gateways follow them through the feed.

create table routes (
  tenant_id text not null references tenants (id),
  id text not null unique,
  -- What callers put in `model`.
  name text not null check (length(name) between 1 and 200),
  -- The operator's, for every tenant that has nothing of its own under this name.
  is_platform boolean not null default false,
  -- Targets, canary, fallbacks and their conditions: read and written whole, checked before.
  plan jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name, is_platform)
);
create unique index routes_platform on routes (name) where is_platform;

create trigger routes_feed after insert or update or delete on routes
  for each row execute function bump_feed_version();
