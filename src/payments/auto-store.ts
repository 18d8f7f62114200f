/** SQL of saved means of payment and automatic top-ups. */
import { type Database, sql } from '#platform/database.ts';
import type { AdapterName, SavedMethod } from './port.ts';

export async function upsertMethod(
  tx: Database,
  row: SavedMethod & Readonly<{ tenantId: string; adapter: AdapterName; now: Date }>,
): Promise<void> {
  await sql`
    insert into payment_methods (tenant_id, adapter, customer_id, method_id, label, created_at)
    values (${row.tenantId}, ${row.adapter}, ${row.customerId}, ${row.methodId}, ${row.label},
      ${row.now})
    on conflict (tenant_id, adapter) do update set customer_id = excluded.customer_id,
      method_id = excluded.method_id, label = excluded.label, created_at = excluded.created_at`.execute(
    tx,
  );
}

export async function selectMethod(
  database: Database,
  query: Readonly<{ tenantId: string; adapter: AdapterName }>,
): Promise<SavedMethod | null> {
  const { rows } = await sql<SavedMethod>`
    select customer_id as "customerId", method_id as "methodId", label from payment_methods
    where tenant_id = ${query.tenantId} and adapter = ${query.adapter}`.execute(database);
  return rows[0] ?? null;
}

export async function deleteMethod(tx: Database, tenantId: string): Promise<boolean> {
  const { rows } = await sql`delete from payment_methods
    where tenant_id = ${tenantId} returning adapter`.execute(tx);
  return rows.length > 0;
}

export type AutoRow = Readonly<{
  tenantId: string;
  isOn: boolean;
  thresholdPico: bigint;
  amountPico: bigint;
  monthlyCapPico: bigint;
  problem: string | null;
  triedAt: Date | null;
}>;

type Columns = Pick<AutoRow, 'tenantId' | 'isOn' | 'problem' | 'triedAt'> &
  Readonly<{ threshold: string; amount: string; cap: string }>;

const columns = sql`tenant_id as "tenantId", is_on as "isOn", threshold_pico as threshold,
  amount_pico as amount, monthly_cap_pico as cap, problem, tried_at as "triedAt"`;

export async function upsertAuto(
  tx: Database,
  row: Omit<AutoRow, 'problem' | 'triedAt'> & Readonly<{ now: Date }>,
): Promise<void> {
  await sql`
    insert into auto_top_ups (tenant_id, is_on, threshold_pico, amount_pico, monthly_cap_pico,
      updated_at)
    values (${row.tenantId}, ${row.isOn}, ${row.thresholdPico.toString()}::numeric,
      ${row.amountPico.toString()}::numeric, ${row.monthlyCapPico.toString()}::numeric, ${row.now})
    on conflict (tenant_id) do update set is_on = excluded.is_on,
      threshold_pico = excluded.threshold_pico, amount_pico = excluded.amount_pico,
      monthly_cap_pico = excluded.monthly_cap_pico, problem = null, tried_at = null,
      updated_at = excluded.updated_at`.execute(tx);
}

export async function selectAuto(database: Database, tenantId: string): Promise<AutoRow | null> {
  const { rows } = await sql<Columns>`select ${columns} from auto_top_ups
    where tenant_id = ${tenantId}`.execute(database);
  return rows[0] === undefined ? null : toAuto(rows[0]);
}

/** So that two controls do not both charge. */
export async function lockAuto(tx: Database, tenantId: string): Promise<AutoRow | null> {
  const { rows } = await sql<Columns>`select ${columns} from auto_top_ups
    where tenant_id = ${tenantId} for update`.execute(tx);
  return rows[0] === undefined ? null : toAuto(rows[0]);
}

export async function deleteAuto(tx: Database, tenantId: string): Promise<void> {
  await sql`delete from auto_top_ups where tenant_id = ${tenantId}`.execute(tx);
}

export async function markTried(
  tx: Database,
  row: Readonly<{ tenantId: string; isOn: boolean; problem: string | null; now: Date }>,
): Promise<void> {
  await sql`update auto_top_ups set is_on = ${row.isOn}, problem = ${row.problem},
      tried_at = ${row.now} where tenant_id = ${row.tenantId}`.execute(tx);
}

/** Of every tenant that is on and was not tried lately; fewest at a time that were waited for longest. */
export async function selectAllAutoDue(
  database: Database,
  query: Readonly<{ triedBefore: Date; limit: number }>,
): Promise<readonly AutoRow[]> {
  const { rows } = await sql<Columns>`select ${columns} from auto_top_ups a
    where is_on and (tried_at is null or tried_at < ${query.triedBefore})
      and coalesce((select sum(balance_pico) from ledger_balances b join ledger_accounts l
        on l.id = b.account_id where l.tenant_id = a.tenant_id and l.kind = 'credit'), 0)
        < threshold_pico
    order by tried_at nulls first limit ${query.limit}`.execute(database);
  return rows.map(toAuto);
}

/** Asked for automatically since then and not failed: what counts against the cap. */
export async function sumAutomatic(
  database: Database,
  query: Readonly<{ tenantId: string; since: Date }>,
): Promise<Readonly<{ totalPico: bigint; open: number }>> {
  const { rows } = await sql<{ total: string; open: number }>`
    select coalesce(sum(expected_pico) filter (where created_at >= ${query.since}), 0) as total,
      count(*) filter (where state = 'open') as open
    from payments where tenant_id = ${query.tenantId} and is_automatic
      and state in ('open', 'succeeded', 'quarantined')`.execute(database);
  return { totalPico: BigInt(rows[0]?.total ?? '0'), open: rows[0]?.open ?? 0 };
}

function toAuto({ threshold, amount, cap, ...row }: Columns): AutoRow {
  return {
    ...row,
    thresholdPico: BigInt(threshold),
    amountPico: BigInt(amount),
    monthlyCapPico: BigInt(cap),
  };
}
