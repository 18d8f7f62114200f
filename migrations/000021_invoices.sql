-- Terms of each tenant, tax, billing periods, invoices and credit notes numbered without gaps, and what happens to who does not pay.

-- One row per tenant. `closed_until` is the line that usage is billed behind: ingestion reads it under a share
-- lock and a close moves it under an exclusive one, so no call slips into a period that is being closed.
create table billing_accounts (
  tenant_id text primary key references tenants (id) on delete cascade,
  mode text not null default 'prepaid' check (mode in ('prepaid', 'postpaid')),
  -- How far below zero the balance may go; counts while the mode is postpaid.
  credit_line_pico numeric(38, 0) not null default 0 check (credit_line_pico >= 0),
  -- Its months begin by these rules; a name of the zone database and never an offset.
  time_zone text not null default 'UTC',
  language text not null default 'en' check (language in ('en', 'zh-CN')),
  due_days integer not null default 30 check (due_days between 0 and 365),
  -- How long usage that is on its way has to arrive before a period is closed.
  grace_hours integer not null default 12 check (grace_hours between 0 and 240),
  dunning jsonb not null default '[{"afterDays":1,"action":"warn"},{"afterDays":7,"action":"restrict"},{"afterDays":30,"action":"stop"}]',
  legal_name text not null default '',
  address text[] not null default '{}',
  tax_id text not null default '',
  email text not null default '',
  -- The strictest step that holds now; null where nothing is overdue.
  restriction text check (restriction in ('warn', 'restrict', 'stop')),
  -- What invoices could not take from the balance, such as tax on prepaid usage: paid as soon as there is money.
  receivable_pico numeric(38, 0) not null default 0 check (receivable_pico >= 0),
  closed_label text,
  closed_until timestamptz,
  updated_at timestamptz not null default now(),
  check ((closed_label is null) = (closed_until is null))
);
insert into billing_accounts (tenant_id) select id from tenants;

create function open_billing_account() returns trigger language plpgsql as $$
begin
  insert into billing_accounts (tenant_id) values (new.id);
  return null;
end;
$$;
create trigger tenants_billing_account after insert on tenants
  for each row execute function open_billing_account();

-- Gateways refuse whoever is stopped.
create trigger billing_accounts_feed after update on billing_accounts
  for each row when (old.restriction is distinct from new.restriction)
  execute function bump_feed_version();

-- Prepaid may not go below zero, postpaid not below its credit line; the operator pays nobody.
create or replace function ledger_floor_of(tenant text) returns numeric language sql stable as $$
  select case
    when t.kind = 'operator' then null
    when b.mode = 'postpaid' then -b.credit_line_pico
    else 0 end
  from tenants t left join billing_accounts b on b.tenant_id = t.id where t.id = tenant
$$;

create function follow_credit_line() returns trigger language plpgsql as $$
begin
  update ledger_accounts set floor_pico = ledger_floor_of(new.tenant_id)
    where tenant_id = new.tenant_id and kind = 'credit';
  return null;
end;
$$;
create trigger billing_accounts_floor after update on billing_accounts
  for each row when (old.mode <> new.mode or old.credit_line_pico <> new.credit_line_pico)
  execute function follow_credit_line();

-- Whether nothing that costs money is admitted: an invoice is long overdue.
create function ledger_is_frozen(tenant text) returns boolean language sql stable as $$
  select coalesce((select restriction in ('restrict', 'stop') from billing_accounts
    where tenant_id = tenant), false)
$$;

create table tax_rates (
  tenant_id text not null references tenants (id),
  effective_from timestamptz not null,
  name text not null,
  mode text not null check (mode in ('exclusive', 'inclusive', 'exempt')),
  -- Millionths: 6 % is 60 000.
  rate_ppm integer not null check (rate_ppm between 0 and 1000000),
  reason text not null default '',
  created_by text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, effective_from),
  check (mode <> 'exempt' or rate_ppm = 0)
);

-- A period that has ended: frozen with the terms it is billed by, then closed, once.
create table billing_periods (
  tenant_id text not null references tenants (id),
  label text not null,
  time_zone text not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  state text not null check (state in ('frozen', 'closed')),
  -- Parties, language, mode, days and tax as they were when it was frozen.
  terms jsonb not null,
  -- Null where there was nothing to bill.
  invoice_id text,
  -- Why it could not be closed yet.
  problem text,
  frozen_at timestamptz not null,
  closed_at timestamptz,
  primary key (tenant_id, label),
  check (from_at < to_at),
  check ((state = 'closed') = (closed_at is not null))
);
create index billing_periods_frozen on billing_periods (frozen_at) where state = 'frozen';

-- Raised in the transaction that makes the paper, so that a number exists if and only if its paper does.
create table invoice_series (
  series text primary key,
  position bigint not null
);

create table invoices (
  tenant_id text not null references tenants (id),
  id text not null unique,
  number text not null unique,
  period_label text not null,
  currency text not null,
  state text not null check (state in ('open', 'paid', 'uncollectible', 'void')),
  total_pico numeric(38, 0) not null,
  tax_pico numeric(38, 0) not null,
  credited_pico numeric(38, 0) not null default 0 check (credited_pico >= 0),
  -- Given up: the operator does not expect it any more.
  written_off_pico numeric(38, 0) not null default 0 check (written_off_pico >= 0),
  -- What payments said was for this invoice.
  named_pico numeric(38, 0) not null default 0,
  outstanding_pico numeric(38, 0) not null check (outstanding_pico >= 0),
  due_at timestamptz not null,
  finalized_at timestamptz not null,
  paid_at timestamptz,
  -- The last dunning step that was taken for it.
  dunning text check (dunning in ('warn', 'restrict', 'stop')),
  entry_id bigint references ledger_entries (id),
  -- The paper: this very text is what was hashed.
  document text not null,
  document_sha256 bytea not null,
  primary key (tenant_id, id),
  unique (tenant_id, period_label, currency),
  foreign key (tenant_id, period_label) references billing_periods (tenant_id, label),
  check (credited_pico + written_off_pico <= greatest(total_pico, 0)),
  check (outstanding_pico <= greatest(total_pico, 0))
);
create index invoices_open on invoices (due_at) where state = 'open';
create index invoices_listed on invoices (finalized_at desc, id desc);

-- A paper never changes; what is still owed on it does.
create function invoice_paper_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'an issued paper never changes; credit it'
    using errcode = 'check_violation', constraint = 'invoice_paper_is_final';
end;
$$;
create trigger invoices_final before update on invoices
  for each row when (old.document <> new.document or old.document_sha256 <> new.document_sha256
    or old.number <> new.number or old.total_pico <> new.total_pico or old.period_label <> new.period_label
    or old.tenant_id <> new.tenant_id or old.currency <> new.currency)
  execute function invoice_paper_is_final();
create trigger invoices_kept before delete on invoices
  for each row execute function invoice_paper_is_final();

create table credit_notes (
  tenant_id text not null references tenants (id),
  id text not null unique,
  number text not null unique,
  invoice_id text not null,
  -- Sending the same key again makes no second note.
  idempotency_key text not null,
  total_pico numeric(38, 0) not null check (total_pico > 0),
  tax_pico numeric(38, 0) not null check (tax_pico >= 0),
  issued_at timestamptz not null,
  entry_id bigint not null references ledger_entries (id),
  document text not null,
  document_sha256 bytea not null,
  created_by text,
  primary key (tenant_id, id),
  unique (tenant_id, idempotency_key),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create index credit_notes_invoice on credit_notes (tenant_id, invoice_id);
create trigger credit_notes_final before update or delete on credit_notes
  for each row execute function invoice_paper_is_final();
