-- Requests that were refused before a model was called: what a person looks for who asks "why does it say no?".
-- Never what was asked, and never more rows than a flood may cost (see src/gateway/refusals/refusal-log.ts).

create table refused_requests (
  tenant_id text not null references tenants (id),
  request_id text not null,
  project_id text not null,
  key_id text not null,
  -- As the caller wrote it, where it looks like a name; else empty.
  model_name text not null,
  status integer not null,
  error_code text not null,
  -- Of the same key, status and reason in the same minute, counted with this one instead of a row each.
  repeats bigint not null check (repeats >= 0),
  started_at timestamptz not null,
  ended_at timestamptz not null,
  primary key (tenant_id, request_id)
);
create index refused_requests_ended on refused_requests (tenant_id, ended_at desc, request_id);
create index refused_requests_all_ended on refused_requests (ended_at desc);
