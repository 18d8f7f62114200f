-- The scrub of the hub's storage: how far it is, what it found, and scrubs that somebody asked for.

-- Who reads objects now, and how far. One row.
create table hub_scrub (
  is_only boolean primary key default true check (is_only),
  holder text,
  held_until timestamptz,
  -- The object that was looked at last; null between runs over everything.
  cursor text,
  began_at timestamptz,
  objects bigint not null default 0,
  bytes bigint not null default 0,
  last_began_at timestamptz,
  last_ended_at timestamptz,
  last_objects bigint not null default 0,
  last_bytes bigint not null default 0,
  problem text
);
insert into hub_scrub (is_only) values (true);

create table hub_faults (
  id text primary key,
  -- blob, xorb: by its hash. object: by its key in the store.
  object_kind text not null check (object_kind in ('blob', 'xorb', 'object')),
  object_name text not null,
  says text not null check (says in ('damaged', 'missing', 'orphaned')),
  detail text not null,
  -- Of a xorb, the first chunk that is wrong; and the bytes of the object where the fault lies.
  chunk integer,
  range_start bigint,
  range_end bigint,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  told_at timestamptz,
  resolved_at timestamptz
);
create unique index hub_faults_open on hub_faults (object_kind, object_name) where resolved_at is null;
create index hub_faults_resolved on hub_faults (resolved_at desc) where resolved_at is not null;

create table hub_checks (
  id text primary key,
  state text not null check (state in ('running', 'done', 'failed')),
  -- Null: all of them.
  repository_id text,
  objects bigint not null default 0,
  bytes bigint not null default 0,
  fault_ids text[] not null default '{}',
  problem text,
  started_by text,
  started_at timestamptz not null,
  -- A control that says nothing for long is gone, and its check with it.
  beat_at timestamptz not null,
  ended_at timestamptz
);
create unique index hub_checks_running on hub_checks (state) where state = 'running';
