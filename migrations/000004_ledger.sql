-- Double entry, append-only, at 10^-12 of the currency. The database refuses an unbalanced entry by itself.

create table ledger_accounts (
  id text primary key,
  tenant_id text references tenants (id),
  kind text not null check (kind in ('credit', 'revenue', 'grant', 'cash')),
  currency text not null,
  -- The lowest balance the account may have; null means no floor (platform accounts).
  floor_pico numeric(38, 0),
  created_at timestamptz not null default now()
);
create unique index ledger_accounts_tenant on ledger_accounts (tenant_id, kind, currency);

create table ledger_entries (
  id bigint generated always as identity primary key,
  -- Idempotency: the same key with the same payload is the same entry; with another payload, an error.
  key text not null unique,
  payload_sha256 bytea not null,
  kind text not null,
  reference jsonb not null default '{}',
  effective_at timestamptz not null,
  recorded_at timestamptz not null default now()
);

create table ledger_postings (
  entry_id bigint not null references ledger_entries (id),
  position integer not null,
  account_id text not null references ledger_accounts (id),
  currency text not null,
  amount_pico numeric(38, 0) not null,
  primary key (entry_id, position)
);
create index ledger_postings_account on ledger_postings (account_id, entry_id);

-- Prepaid by default: a tenant may not go below zero. The operator owns the machines and pays nobody,
-- so its account, which still shows what its own calls would have cost, has no floor.
create function ledger_floor_of(tenant text) returns numeric language sql stable as $$
  select case when kind = 'operator' then null else 0 end from tenants where id = tenant
$$;

-- A fold over postings, kept in the same transaction; `flywheel ledger verify` recomputes it.
-- Platform accounts are spread over shards so that no batch of one tenant waits for another's;
-- a tenant's account has shard 0 only, because its row is also the lock that leases take.
create table ledger_balances (
  account_id text not null references ledger_accounts (id),
  shard integer not null,
  balance_pico numeric(38, 0) not null,
  primary key (account_id, shard)
);

-- A slice of a tenant's balance that one gateway may spend without asking. What is held is
-- amount - settled while it is open; closing ends it exactly once.
create table leases (
  tenant_id text not null references tenants (id),
  id text not null unique,
  account_id text not null references ledger_accounts (id),
  gateway_id text not null,
  amount_pico numeric(38, 0) not null check (amount_pico > 0),
  settled_pico numeric(38, 0) not null default 0 check (settled_pico >= 0),
  state text not null default 'open' check (state in ('open', 'released', 'expired')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  closed_at timestamptz,
  primary key (tenant_id, id),
  check ((state = 'open') = (closed_at is null))
);
create index leases_open on leases (account_id) where state = 'open';
create index leases_expiry on leases (expires_at) where state = 'open';

create function ledger_entry_balances() returns trigger language plpgsql as $$
declare
  unbalanced text;
begin
  select p.currency into unbalanced from ledger_postings p
    where p.entry_id = new.entry_id group by p.currency having sum(p.amount_pico) <> 0 limit 1;
  if unbalanced is not null then
    raise exception 'ledger entry % does not balance in %', new.entry_id, unbalanced
      using errcode = 'check_violation', constraint = 'ledger_entry_balances';
  end if;
  return null;
end;
$$;
create constraint trigger ledger_entry_balances after insert on ledger_postings
  deferrable initially deferred for each row execute function ledger_entry_balances();

create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only; correct with a new entry'
    using errcode = 'check_violation', constraint = 'ledger_is_append_only';
end;
$$;
create trigger ledger_entries_append_only before update or delete or truncate on ledger_entries
  for each statement execute function ledger_is_append_only();
create trigger ledger_postings_append_only before update or delete or truncate on ledger_postings
  for each statement execute function ledger_is_append_only();
