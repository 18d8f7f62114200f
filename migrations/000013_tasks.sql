-- Calls that a gateway makes later for whoever asked, and what came of them.

create table tasks (
  tenant_id text not null references tenants (id),
  id text not null,
  project_id text not null,
  key_id text not null,
  -- The call is made as the key that asked, if it still may: gateways know keys by this.
  key_sha256 text not null,
  model_name text not null,
  -- Address of the call, and its body as it came. The body goes when the task ends.
  path text not null,
  body text,
  state text not null check (state in ('pending', 'running', 'succeeded', 'failed', 'canceled')),
  -- Runs that ended by no fault of the caller.
  failures integer not null default 0,
  submitted_at timestamptz not null,
  -- Not tried before: a call that found no room waits a little.
  not_before timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  -- Which gateway makes the call, and until when it must be heard of.
  gateway_id text,
  leased_until timestamptz,
  -- What the call was answered with.
  status integer,
  answer text,
  primary key (tenant_id, id),
  check ((state = 'running') = (gateway_id is not null)),
  check ((state = 'running') = (leased_until is not null)),
  check ((state in ('pending', 'running')) = (ended_at is null)),
  check ((state in ('pending', 'running')) = (body is not null)),
  check ((state in ('succeeded', 'failed')) = (answer is not null))
);
create unique index tasks_id on tasks (id);
create index tasks_listed on tasks (tenant_id, submitted_at desc, id desc);
create index tasks_open on tasks (state, submitted_at) where ended_at is null;
create index tasks_ended on tasks (ended_at) where ended_at is not null;
