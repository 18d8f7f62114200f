-- What was bought is billed once, behind the same line as calls; and each invoice keeps what authors earned of it, for who takes it back.

alter table purchases add column billed_at timestamptz;
update purchases p set billed_at = greatest(p.purchased_at,
  (select closed_until from billing_accounts b where b.tenant_id = p.tenant_id));
alter table purchases alter column billed_at set not null;
create index purchases_billed on purchases (tenant_id, billed_at);

-- A close waits for purchases that asked before it, as it waits for calls; one that comes after counts in the next period.
create function bill_purchase() returns trigger language plpgsql as $$
begin
  new.billed_at := new.purchased_at;
  select greatest(new.purchased_at, closed_until) into new.billed_at
    from billing_accounts where tenant_id = new.tenant_id for key share;
  new.billed_at := coalesce(new.billed_at, new.purchased_at);
  return new;
end;
$$;
create trigger purchases_billed before insert on purchases
  for each row execute function bill_purchase();

-- Kept at the close, because single calls are not kept for ever. A credit note takes back its part.
create table invoice_shares (
  tenant_id text not null,
  invoice_id text not null,
  model_id text not null,
  -- The first of the calls: who earned of it earned of all, because another rule would be another row.
  admitted_at timestamptz not null,
  amount_pico numeric(38, 0) not null check (amount_pico >= 0),
  share_pico numeric(38, 0) not null check (share_pico > 0),
  reversed_pico numeric(38, 0) not null default 0,
  primary key (tenant_id, invoice_id, model_id, admitted_at),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  check (reversed_pico between 0 and share_pico)
);
