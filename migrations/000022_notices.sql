-- Secrets that must be read again, sealed; what tenants are told: notices, where they go, and every attempt.

create table sealed_secrets (
  tenant_id text not null references tenants (id),
  -- Of what it belongs to, such as a webhook's.
  id text not null,
  master_key_id text not null,
  wrapped_key bytea not null,
  ciphertext bytea not null,
  primary key (tenant_id, id)
);
create index sealed_secrets_master_key on sealed_secrets (master_key_id);

create table webhooks (
  tenant_id text not null references tenants (id),
  id text not null unique,
  name text not null,
  url text not null,
  -- The operator's own network; nobody else's webhook may lead there.
  allows_private boolean not null,
  -- Null means every kind of notice.
  kinds text[],
  state text not null check (state in ('active', 'paused')),
  -- Why it was paused, when nobody asked for that.
  problem text,
  -- Until then the secret before the last rotation signs too.
  previous_secret_until timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);

create table notices (
  tenant_id text not null references tenants (id),
  id text not null unique,
  kind text not null,
  -- The same key of the same kind is sent once.
  key text,
  data jsonb not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create unique index notices_key on notices (tenant_id, kind, key) where key is not null;
create index notices_created on notices (created_at);

-- One way of one notice: to a webhook, or to a person by e-mail.
create table deliveries (
  tenant_id text not null,
  id text not null unique,
  notice_id text not null,
  channel text not null check (channel in ('webhook', 'email')),
  webhook_id text,
  recipient text,
  locale text,
  state text not null check (state in ('pending', 'delivered', 'dead')),
  attempts integer not null default 0,
  -- How many there had been when it was asked for anew.
  attempts_before integer not null default 0,
  next_at timestamptz not null,
  -- Who delivers it now, and how long nobody else may.
  claim text,
  claimed_until timestamptz,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, notice_id) references notices (tenant_id, id) on delete cascade,
  foreign key (tenant_id, webhook_id) references webhooks (tenant_id, id) on delete cascade,
  check ((channel = 'webhook') = (webhook_id is not null)),
  check ((channel = 'email') = (recipient is not null and locale is not null))
);
create index deliveries_due on deliveries (next_at) where state = 'pending';
create index deliveries_webhook on deliveries (tenant_id, webhook_id, id desc) where webhook_id is not null;
create index deliveries_notice on deliveries (tenant_id, notice_id);

create table delivery_attempts (
  tenant_id text not null,
  delivery_id text not null,
  attempt integer not null,
  at timestamptz not null,
  -- Of the answer; null when there was none.
  status integer,
  problem text,
  duration_ms integer not null,
  primary key (tenant_id, delivery_id, attempt),
  foreign key (tenant_id, delivery_id) references deliveries (tenant_id, id) on delete cascade
);
