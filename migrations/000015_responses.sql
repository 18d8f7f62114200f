-- Responses that callers left with us to go on from (`store` of the Responses API). Text and not jsonb:
-- what a model writes may hold \u0000, which jsonb refuses.

create table kept_responses (
  tenant_id text not null references tenants (id),
  project_id text not null,
  id text not null,
  previous_id text,
  input text not null,
  response text not null,
  bytes integer not null check (bytes >= 0),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, project_id, id)
);

create index kept_responses_expire on kept_responses (expires_at);
