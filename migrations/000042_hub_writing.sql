-- The hub is written to: repositories of three kinds, who may see and change them, branches, and bytes on their way in.

-- A row of models is a repository. What is served and priced is of the kind model.
alter table models
  add column kind text not null default 'model' check (kind in ('model', 'dataset', 'space')),
  -- Whether its files are for those only who were let in: by themselves (auto) or by its tenant (manual).
  add column gated text not null default 'no' check (gated in ('no', 'auto', 'manual'));
alter table models drop constraint models_visibility_check;
-- Internal: for whoever has an account on this cloud.
alter table models add constraint models_visibility_check
  check (visibility in ('public', 'internal', 'private'));
drop index models_name;
create unique index models_name on models (kind, owner, name) where removed_at is null;
create index models_name_folded on models (kind, lower(owner), lower(name)) where removed_at is null;

-- First parts of repositories' names. Who published there first holds it; nobody else makes a repository there.
create table namespaces (
  -- In lower case: two that differ by case only would be taken for each other.
  name text primary key check (name = lower(name)),
  tenant_id text not null references tenants (id),
  -- The one that a repository without an owner goes to.
  is_default boolean not null default false,
  created_at timestamptz not null default now()
);
create unique index namespaces_default on namespaces (tenant_id) where is_default;
insert into namespaces (name, tenant_id)
  select distinct on (lower(owner)) lower(owner), tenant_id from models order by lower(owner), created_at, id;

-- Names that a repository had before; they lead to it until somebody takes them anew.
create table former_names (
  kind text not null,
  owner text not null,
  name text not null,
  model_id text not null references models (id),
  primary key (kind, owner, name)
);

alter table revisions
  -- The revision it was made from; null for the first.
  add column parent_id text,
  add column author text not null default '';
update revisions r set parent_id = p.before
from (select tenant_id, model_id, id,
        lag(id) over (partition by tenant_id, model_id order by created_at, id) as before
      from revisions) p
where p.tenant_id = r.tenant_id and p.model_id = r.model_id and p.id = r.id;

-- Branches beside main (which is models.latest_revision_id), tags, and the heads of pull requests.
create table repository_refs (
  tenant_id text not null,
  model_id text not null,
  kind text not null check (kind in ('branch', 'tag', 'pull')),
  name text not null,
  revision_id text not null,
  message text not null default '',
  created_at timestamptz not null default now(),
  primary key (tenant_id, model_id, kind, name),
  foreign key (tenant_id, model_id, revision_id) references revisions (tenant_id, model_id, id)
);

-- Who else may read, write or govern a repository.
create table repository_grants (
  tenant_id text not null,
  model_id text not null,
  grantee_tenant_id text not null references tenants (id),
  role text not null check (role in ('read', 'write', 'admin')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, model_id, grantee_tenant_id),
  foreign key (tenant_id, model_id) references models (tenant_id, id)
);
create index repository_grants_grantee on repository_grants (grantee_tenant_id, model_id);

-- Who asked for the files of a gated repository, and what was said.
create table access_requests (
  tenant_id text not null,
  model_id text not null,
  asker_tenant_id text not null references tenants (id),
  asker_name text not null,
  state text not null check (state in ('pending', 'accepted', 'rejected')),
  asked_at timestamptz not null default now(),
  primary key (tenant_id, model_id, asker_tenant_id),
  foreign key (tenant_id, model_id) references models (tenant_id, id)
);

-- Bytes that a tenant has sent, checked and here, before a commit names them. Whoever has such a row has
-- shown that it has the bytes.
create table uploads (
  tenant_id text not null references tenants (id),
  sha256 bytea not null references blobs (sha256),
  size_bytes bigint not null check (size_bytes >= 0),
  -- Then it is forgotten, unless a file was made of it.
  expires_at timestamptz not null,
  primary key (tenant_id, sha256)
);
create index uploads_expiry on uploads (expires_at);
create index uploads_blob on uploads (sha256);

-- What addresses that are handed out are signed with. Made at first use.
create table hub_secrets (
  name text primary key,
  secret bytea not null
);
