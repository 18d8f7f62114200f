-- What people say to each other at repositories: discussions, pull requests, likes; and collections of them.

-- Pull requests are discussions with commits; one line of numbers for both, as their refs are named by it.
create table discussions (
  tenant_id text not null,
  model_id text not null,
  num integer not null check (num > 0),
  kind text not null check (kind in ('discussion', 'pull')),
  title text not null,
  status text not null check (status in ('open', 'closed', 'draft', 'merged')),
  -- Then only those who may write to the repository go on.
  is_locked boolean not null default false,
  author_tenant_id text not null references tenants (id),
  -- Null when a key wrote.
  author_user_id text,
  author_name text not null,
  -- Of a pull request: where it branched off, and what main became by it.
  base_revision_id text,
  merge_revision_id text,
  comments integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, model_id, num),
  foreign key (tenant_id, model_id) references models (tenant_id, id),
  check (kind = 'pull' or status in ('open', 'closed'))
);
create index discussions_author on discussions (author_tenant_id, created_at);

create table discussion_events (
  tenant_id text not null,
  model_id text not null,
  num integer not null,
  id text not null unique,
  -- The order of what happens within one millisecond.
  seq bigint not null generated always as identity,
  kind text not null check (kind in ('comment', 'status', 'title', 'commit')),
  author_tenant_id text not null references tenants (id),
  author_user_id text,
  author_name text not null,
  -- Of a comment, in Markdown; empty once it is hidden.
  body text not null default '',
  edited_at timestamptz,
  is_hidden boolean not null default false,
  -- The status it became; the title before and after; the commit and its first line.
  data jsonb not null default '{}',
  created_at timestamptz not null,
  primary key (tenant_id, model_id, num, id),
  foreign key (tenant_id, model_id, num) references discussions (tenant_id, model_id, num) on delete cascade
);
create index discussion_events_author on discussion_events (author_tenant_id, created_at);

-- Pull requests that there are; who opened them was not written down.
insert into discussions (tenant_id, model_id, num, kind, title, status, author_tenant_id, author_name,
    base_revision_id, created_at, updated_at)
  select f.tenant_id, f.model_id, f.name::integer, 'pull',
    coalesce(nullif(left(split_part(f.message, E'\n', 1), 200), ''), 'Pull request ' || f.name), 'open',
    m.tenant_id, m.owner, r.parent_id, f.created_at, f.created_at
  from repository_refs f
  join models m on m.tenant_id = f.tenant_id and m.id = f.model_id
  join revisions r on r.tenant_id = f.tenant_id and r.model_id = f.model_id and r.id = f.revision_id
  where f.kind = 'pull';

-- One like per account. The count is kept beside and not in models, whose changes wake every gateway.
create table repository_likes (
  tenant_id text not null,
  model_id text not null,
  liker_tenant_id text not null references tenants (id),
  liker_name text not null,
  created_at timestamptz not null,
  primary key (tenant_id, model_id, liker_tenant_id),
  foreign key (tenant_id, model_id) references models (tenant_id, id)
);
create index repository_likes_time on repository_likes (model_id, created_at);
create index repository_likes_liker on repository_likes (liker_tenant_id, created_at);

create table repository_like_counts (
  tenant_id text not null,
  model_id text not null,
  likes integer not null check (likes >= 0),
  primary key (tenant_id, model_id),
  foreign key (tenant_id, model_id) references models (tenant_id, id)
);
create index repository_like_counts_model on repository_like_counts (model_id);

create table collections (
  tenant_id text not null references tenants (id),
  -- 24 hex digits: the end of its address.
  id text not null unique,
  owner text not null,
  title text not null,
  description text not null default '',
  is_private boolean not null default false,
  theme text not null default 'blue',
  position integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id)
);
create index collections_updated on collections (updated_at desc, id);
create index collections_owner on collections (lower(owner), position);

create table collection_items (
  tenant_id text not null,
  collection_id text not null,
  id text not null,
  -- A repository, or another collection.
  model_id text references models (id),
  other_collection_id text references collections (id) on delete cascade,
  note text not null default '',
  position integer not null,
  primary key (tenant_id, collection_id, id),
  foreign key (tenant_id, collection_id) references collections (tenant_id, id) on delete cascade,
  check ((model_id is null) <> (other_collection_id is null))
);
create unique index collection_items_model on collection_items (tenant_id, collection_id, model_id)
  where model_id is not null;
create unique index collection_items_other on collection_items (tenant_id, collection_id, other_collection_id)
  where other_collection_id is not null;
create index collection_items_of_model on collection_items (model_id) where model_id is not null;
create index collection_items_of_collection on collection_items (other_collection_id)
  where other_collection_id is not null;
