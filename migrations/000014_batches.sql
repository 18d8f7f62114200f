-- Files that callers upload or batches write; batches, calls that are made later at half the price; who acts for a key.

create table project_files (
  tenant_id text not null,
  project_id text not null,
  id text not null unique,
  purpose text not null check (purpose in ('batch', 'user_data', 'batch_output')),
  name text not null,
  -- What is set aside for it while it arrives, then what it has.
  size_bytes bigint not null check (size_bytes >= 0),
  state text not null check (state in ('uploading', 'ready', 'deleted')),
  key_id text,
  created_at timestamptz not null,
  expires_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id)
);
create index project_files_project on project_files (tenant_id, project_id, id desc);
create index project_files_expiring on project_files (expires_at) where state = 'ready' and expires_at is not null;
create index project_files_unready on project_files (created_at) where state <> 'ready';

create table batches (
  tenant_id text not null,
  project_id text not null,
  id text not null unique,
  -- It acts as this key.
  key_id text not null,
  endpoint text not null,
  input_file_id text not null,
  metadata jsonb,
  status text not null check (status in ('validating', 'failed', 'in_progress', 'finalizing', 'completed',
    'expired', 'cancelling', 'cancelled')),
  model_name text,
  lines_total integer not null default 0,
  lines_completed integer not null default 0,
  lines_failed integer not null default 0,
  -- What is wrong with the input file, in OpenAI's shape.
  errors jsonb,
  -- How it ends once its files are written.
  ends_as text check (ends_as in ('completed', 'expired', 'cancelled')),
  output_file_id text,
  error_file_id text,
  output_expires_after_seconds integer,
  -- Folds over the events of its lines; complete when is_settled.
  currency text,
  cost_pico numeric(38, 0) not null default 0,
  input_tokens bigint not null default 0,
  cache_read_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  reasoning_tokens bigint not null default 0,
  is_settled boolean not null default false,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  in_progress_at timestamptz,
  finalizing_at timestamptz,
  cancelling_at timestamptz,
  ended_at timestamptz,
  -- The control that works on it, and until when others leave it alone.
  claim text,
  claimed_until timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id)
);
create index batches_project on batches (tenant_id, project_id, id desc);
create index batches_unsettled on batches (created_at) where not is_settled;
create index batches_input on batches (tenant_id, input_file_id);

create table batch_lines (
  tenant_id text not null,
  batch_id text not null,
  -- From 1, as in the file.
  line integer not null,
  custom_id text not null,
  start_byte bigint not null,
  size_bytes integer not null,
  -- 'unsure': it was sent and whoever sent it is gone, so that nobody knows whether it was answered.
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'unsure', 'done')),
  -- Of the last call; with the line's id it names its usage event.
  attempt integer not null default 0,
  failures integer not null default 0,
  not_before timestamptz,
  unsure_since timestamptz,
  -- Called again under the attempt it had, so that it cannot be billed twice: 'charged' is on the books already,
  -- of 'unknown' nothing was heard.
  again text check (again in ('charged', 'unknown')),
  status integer,
  answer text,
  is_costed boolean not null default false,
  primary key (tenant_id, batch_id, line),
  foreign key (tenant_id, batch_id) references batches (tenant_id, id) on delete cascade
);
create index batch_lines_state on batch_lines (tenant_id, batch_id, state, line);
create index batch_lines_uncosted on batch_lines (tenant_id, batch_id)
  where state = 'done' and status = 200 and not is_costed;

-- A secret that acts as a key while something made with that key runs. Kept in the memory of whoever runs it.
create table key_delegations (
  subject text primary key,
  secret_sha256 bytea not null unique,
  key_id text not null references keys (id) on delete cascade,
  expires_at timestamptz not null
);

-- The class that a call was served and priced in.
alter table usage_events
  add column service_tier text not null default 'default'
    check (service_tier in ('flex', 'default', 'priority', 'batch'));
