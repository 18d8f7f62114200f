-- Who pays (tenant), what is isolated inside it (project), people (member), secrets (key).
-- auth_* tables belong to better-auth; their columns are mapped to snake case in tenancy/sign-in.ts.

create table tenants (
  id text primary key,
  parent_id text references tenants (id),
  kind text not null check (kind in ('operator', 'partner', 'customer')),
  name text not null,
  currency text not null default 'CNY',
  state text not null default 'active' check (state in ('active', 'suspended')),
  created_at timestamptz not null default now()
);
create unique index tenants_one_operator on tenants (kind) where kind = 'operator';

create table projects (
  tenant_id text not null references tenants (id),
  id text not null,
  name text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (id),
  unique (tenant_id, name)
);

create table auth_users (
  id text primary key,
  name text not null,
  email text not null unique,
  email_verified boolean not null default false,
  image text,
  locale text not null default 'en' check (locale in ('en', 'zh-CN')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table auth_sessions (
  id text primary key,
  user_id text not null references auth_users (id) on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index auth_sessions_user on auth_sessions (user_id);

create table auth_accounts (
  id text primary key,
  user_id text not null references auth_users (id) on delete cascade,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index auth_accounts_user on auth_accounts (user_id);

create table auth_verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index auth_verifications_identifier on auth_verifications (identifier);

create table members (
  tenant_id text not null references tenants (id),
  id text not null,
  user_id text not null references auth_users (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'developer', 'finance', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, user_id)
);
create index members_user on members (user_id);

create table keys (
  tenant_id text not null,
  project_id text not null,
  id text not null unique,
  kind text not null check (kind in ('api', 'hub', 'playground')),
  name text not null,
  -- The first characters, enough to recognise a key in a list and too few to guess it.
  hint text not null,
  secret_sha256 bytea not null unique,
  role text not null check (role in ('owner', 'admin', 'developer', 'finance', 'viewer')),
  -- Names of models the key may call; null means every model its tenant may call.
  models text[],
  created_by text references auth_users (id) on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, project_id, id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id)
);
create index keys_created_by on keys (created_by);
create index keys_revoked on keys (revoked_at) where revoked_at is not null;

create trigger keys_feed after update or delete on keys
  for each statement execute function bump_feed_version();
create trigger tenants_feed after update on tenants
  for each statement execute function bump_feed_version();
