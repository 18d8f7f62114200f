-- Webhooks that hear of repositories, in the shape that Hugging Face's hub sends.

-- Hub: made for repositories; it hears nothing else, and its messages have another shape.
alter table webhooks
  add column form text not null default 'notice' check (form in ('notice', 'hub'));

-- What such a webhook watches: a repository by its name, or everything of an owner.
create table hub_watches (
  tenant_id text not null,
  webhook_id text not null,
  kind text not null check (kind in ('model', 'dataset', 'space', 'org', 'user')),
  -- In lower case.
  name text not null check (name = lower(name)),
  domains text[] not null,
  primary key (tenant_id, webhook_id, kind, name),
  foreign key (tenant_id, webhook_id) references webhooks (tenant_id, id) on delete cascade
);
create index hub_watches_name on hub_watches (kind, name);
