-- What a project wants done with its requests beside answering them: answers kept for equal requests, and more facts
-- on each usage event for the people who look at single calls.

create table project_caches (
  tenant_id text not null,
  project_id text not null,
  is_enabled boolean not null,
  -- Another number empties the cache on every gateway.
  generation integer not null default 1,
  ttl_seconds integer not null check (ttl_seconds between 1 and 604800),
  entry_bytes_max integer not null check (entry_bytes_max between 1024 and 4194304),
  bytes_max integer not null check (bytes_max between 1024 and 67108864),
  entries_max integer not null check (entries_max between 1 and 100000),
  -- Also answers that are drawn by lot.
  caches_sampled boolean not null,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, project_id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id)
);
create trigger project_caches_feed after insert or update on project_caches
  for each row execute function bump_feed_version();

alter table usage_events
  -- Null where the cache had no say.
  add column cache text check (cache in ('hit', 'miss')),
  -- How long it waited for a replica; null where it did not.
  add column queue_ms bigint check (queue_ms >= 0),
  -- Why it failed; null where it did not.
  add column error_code text;
create index usage_events_key on usage_events (tenant_id, key_id, settled_at desc);
