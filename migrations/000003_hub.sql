-- Models are names; revisions are immutable sets of files; blobs are bytes addressed by content.

create table models (
  tenant_id text not null references tenants (id),
  id text not null unique,
  owner text not null,
  name text not null,
  visibility text not null check (visibility in ('public', 'private')),
  license text,
  -- What the card says, parsed: summary, tags.
  card jsonb not null default '{}',
  -- What people get who name no revision: the one published last, also when its content was known before.
  latest_revision_id text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (tenant_id, id)
);
create unique index models_name on models (owner, name) where removed_at is null;

create table blobs (
  sha256 bytea primary key,
  size_bytes bigint not null check (size_bytes >= 0),
  created_at timestamptz not null default now()
);

create table revisions (
  tenant_id text not null,
  model_id text not null,
  -- 40 hex digits derived from the content, so that importing the same files twice gives one revision.
  id text not null,
  message text not null default '',
  -- What the weights say of themselves: format, architecture, parameters, context length, quantisation.
  metadata jsonb not null default '{}',
  size_bytes bigint not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, model_id, id),
  foreign key (tenant_id, model_id) references models (tenant_id, id)
);

create table files (
  tenant_id text not null,
  model_id text not null,
  revision_id text not null,
  path text not null,
  blob_sha256 bytea not null references blobs (sha256),
  size_bytes bigint not null,
  primary key (tenant_id, model_id, revision_id, path),
  foreign key (tenant_id, model_id, revision_id) references revisions (tenant_id, model_id, id)
);
create index files_blob on files (blob_sha256);

create table lineage (
  tenant_id text not null,
  model_id text not null,
  -- The base as the card names it; the id is filled when that model lives in this hub.
  base_name text not null,
  base_model_id text references models (id),
  relation text not null check (relation in ('adapter', 'finetune', 'quantized', 'merge')),
  primary key (tenant_id, model_id, base_name),
  foreign key (tenant_id, model_id) references models (tenant_id, id)
);
create index lineage_base on lineage (base_model_id);
create index lineage_base_name on lineage (base_name) where base_model_id is null;

create table imports (
  tenant_id text not null references tenants (id),
  id text not null unique,
  model_name text not null,
  source text not null,
  state text not null check (state in ('running', 'succeeded', 'failed', 'cancelled')),
  stage text not null default 'reading',
  received_bytes bigint not null default 0,
  total_bytes bigint,
  error_code text,
  error_message text,
  revision_id text,
  -- What was asked for, and the files it came to, so that another process can take it up again.
  request jsonb not null,
  plan jsonb,
  -- The process that runs it renews this; one that lies in the past is free to take.
  claimed_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index imports_running on imports (claimed_until) where state = 'running';

create trigger models_feed after insert or update or delete on models
  for each statement execute function bump_feed_version();
