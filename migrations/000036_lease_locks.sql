-- What leases ask of balances is one question: a gateway waits for the answer, and every statement is a way there and back.

-- Locks the one balance row of each of these tenants' accounts that exist, in the order in which posting does, and
-- says what they have. A function's statements see what was committed before each of them, so what is read
-- last is what the last holder of the locks left.
create function ledger_lock_balances(account_ids text[])
returns table (id text, balance_pico numeric, held_pico numeric, floor_pico numeric)
language plpgsql as $$
begin
  insert into ledger_balances (account_id, shard, balance_pico)
    select a.id, 0, 0 from ledger_accounts a
    where a.id = any(account_ids)
      and not exists (select 1 from ledger_balances b where b.account_id = a.id and b.shard = 0)
    order by a.id collate "C"
    on conflict do nothing;
  perform 1 from ledger_balances b
    where b.account_id = any(account_ids) and b.shard = 0
    order by b.account_id collate "C" for update;
  return query
    select a.id,
      coalesce((select sum(b.balance_pico) from ledger_balances b where b.account_id = a.id), 0),
      coalesce((select sum(p.held_pico) from lease_parts p
        where p.account_id = a.id and p.held_pico > 0), 0),
      a.floor_pico
    from ledger_accounts a where a.id = any(account_ids);
end;
$$;
