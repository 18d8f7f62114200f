-- Price changes as drafts: written, compared, simulated, approved by a second member where that is asked for, published as one.

create table price_settings (
  id boolean primary key default true check (id),
  -- A second member approves before anything is published.
  requires_approval boolean not null default false
);
insert into price_settings default values;

create table price_drafts (
  id text primary key,
  title text not null,
  state text not null check (state in ('open', 'published', 'discarded')),
  -- Moves with every edit: what is approved and published is what was looked at.
  revision integer not null default 1,
  -- Everybody who wrote some of it, and so may not approve it: members, or keys that nobody can be found behind.
  editors text[] not null,
  approved_revision integer,
  approved_by text,
  approved_at timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((approved_revision is null) = (approved_by is null) and (approved_by is null) = (approved_at is null)),
  -- The database refuses it as well as the code.
  check (approved_by is null or not approved_by = any (editors))
);

create table price_draft_items (
  draft_id text not null references price_drafts (id),
  model_id text not null references models (id),
  currency text not null,
  -- Null begins when it is published.
  effective_from timestamptz,
  terms jsonb not null,
  -- Two prices of a model that begin at the same instant would overlap.
  unique nulls not distinct (draft_id, model_id, currency, effective_from)
);

-- Who did what to prices, and when; only ever added to.
create table price_events (
  id text primary key,
  at timestamptz not null,
  -- A member or a key; null is the cloud itself.
  actor text,
  action text not null check (action in ('draft.created', 'draft.edited', 'draft.approved', 'draft.discarded',
    'draft.published', 'price.published', 'settings.changed')),
  draft_id text references price_drafts (id),
  -- What it was done to, in a few words and numbers.
  detail jsonb not null
);
create index price_events_draft on price_events (draft_id, id desc);
create function price_events_are_kept() returns trigger language plpgsql as $$
begin
  raise exception 'what was done to prices is never forgotten'
    using errcode = 'check_violation', constraint = 'price_events_are_kept';
end;
$$;
create trigger price_events_kept before update or delete or truncate on price_events
  for each statement execute function price_events_are_kept();
