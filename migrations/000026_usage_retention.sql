-- Lines of old days may be dropped once they are closed and proved; what the books need of them stays.

alter table usage_days
  add column dropped_at timestamptz;

-- What dropped calls cost, by the entry that posted them and the lease they were admitted under.
create table usage_archived_entries (
  tenant_id text not null,
  entry_id bigint not null,
  request_day date not null,
  calls bigint not null,
  amount_pico numeric(38, 0) not null,
  primary key (tenant_id, entry_id, request_day)
);
create table usage_archived_leases (
  tenant_id text not null,
  lease_id text not null,
  request_day date not null,
  amount_pico numeric(38, 0) not null,
  primary key (tenant_id, lease_id, request_day)
);

-- An entry balances when its postings are inserted, which is in one statement: checked once per statement over
-- what was added, not once per row at commit. What is there already balanced when it came.
drop trigger ledger_entry_balances on ledger_postings;
create or replace function ledger_entry_balances() returns trigger language plpgsql as $$
declare
  wrong record;
begin
  select entry_id, currency into wrong from added
    group by entry_id, currency having sum(amount_pico) <> 0 limit 1;
  if found then
    raise exception 'ledger entry % does not balance in %', wrong.entry_id, wrong.currency
      using errcode = 'check_violation', constraint = 'ledger_entry_balances';
  end if;
  return null;
end;
$$;
create trigger ledger_entry_balances after insert on ledger_postings
  referencing new table as added for each statement execute function ledger_entry_balances();

-- The days of the ledger, sealed after they ended: a digest over every entry with its postings, which begins
-- with that of the day before. Whoever edits a row has to rewrite every day since, and the last one is in the
-- log of another machine. A day holds the entries after the day before's up to `last_entry_id`.
create table ledger_checkpoints (
  day date primary key,
  last_entry_id bigint not null,
  entries bigint not null,
  previous_sha256 bytea not null,
  sha256 bytea not null,
  made_at timestamptz not null default now()
);
-- A digest of each entry, cut to 16 bytes, to name the one that differs.
create table ledger_checkpoint_parts (
  day date not null references ledger_checkpoints (day),
  position integer not null,
  entry_ids bigint[] not null,
  digests bytea not null,
  primary key (day, position)
);
create trigger ledger_checkpoints_append_only before update or delete or truncate on ledger_checkpoints
  for each statement execute function ledger_is_append_only();
create trigger ledger_checkpoint_parts_append_only before update or delete or truncate on ledger_checkpoint_parts
  for each statement execute function ledger_is_append_only();
