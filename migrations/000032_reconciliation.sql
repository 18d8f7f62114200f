-- What the books are proved with all the time: how far each law has come, what it found, and what was asked for.

-- One control at a time goes through the laws.
create table books_runner (
  is_only boolean primary key default true check (is_only),
  holder text not null,
  held_until timestamptz not null
);

-- One row for each law: the last run over all rows, and the one under way.
create table books_laws (
  name text primary key,
  -- Where the run under way stopped; null before its first step.
  cursor text,
  began_at timestamptz,
  examined bigint not null default 0,
  steps bigint not null default 0,
  -- The last run that came to its end.
  last_began_at timestamptz,
  last_ended_at timestamptz,
  last_examined bigint not null default 0,
  last_steps bigint not null default 0,
  -- The last look at what changed lately.
  recent_at timestamptz,
  problem text
);

-- A row that breaks a law, from when it was first seen until a run over all rows no longer sees it.
create table books_findings (
  id text primary key,
  law text not null,
  says text not null,
  subject text not null,
  detail text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- When the operator was told; findings of one time are told together.
  told_at timestamptz,
  resolved_at timestamptz
);
create unique index books_findings_open on books_findings (law, says, subject) where resolved_at is null;
create index books_findings_resolved on books_findings (resolved_at desc) where resolved_at is not null;

-- Runs over everything that somebody asked for; one at a time.
create table books_checks (
  id text primary key,
  state text not null check (state in ('running', 'done', 'failed')),
  laws_done integer not null default 0,
  laws_total integer not null,
  law text,
  examined bigint not null default 0,
  events bigint not null default 0,
  quarantined bigint not null default 0,
  findings jsonb not null default '[]',
  problem text,
  started_by text,
  started_at timestamptz not null,
  beat_at timestamptz not null,
  ended_at timestamptz,
  check ((state = 'running') = (ended_at is null))
);
create unique index books_checks_running on books_checks (state) where state = 'running';

-- Sums of bills are read by time too, across tenants; their rows come in that order.
create index usage_line_sums_quarter on usage_line_sums using brin (quarter) with (pages_per_range = 16);
create index usage_source_sums_quarter on usage_source_sums using brin (quarter) with (pages_per_range = 16);
