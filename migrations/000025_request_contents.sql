-- Prompts and answers of single requests, for projects that ask for it: off until an owner or admin turns it on.

create table project_contents (
  tenant_id text not null,
  project_id text not null,
  is_kept boolean not null,
  -- Of the prompt, and of the answer; what is longer is cut there.
  bytes_max integer not null check (bytes_max between 1024 and 262144),
  kept_days integer not null check (kept_days between 1 and 90),
  updated_by text,
  updated_at timestamptz not null,
  primary key (tenant_id, project_id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id) on delete cascade
);
create trigger project_contents_feed after insert or update on project_contents
  for each row execute function bump_feed_version();

-- Sealed with the master keys: a copy of the database alone opens none of it.
create table request_contents (
  tenant_id text not null,
  project_id text not null,
  request_id text not null,
  master_key_id text not null,
  wrapped_key bytea not null,
  ciphertext bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, request_id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id) on delete cascade
);
create index request_contents_project on request_contents (tenant_id, project_id);
create index request_contents_expiring on request_contents (expires_at);
create index request_contents_master_key on request_contents (master_key_id);
