/** SQL of billing accounts: the terms of each tenant, the line its usage is billed behind, and tax rates. */
import { type Database, sql } from '#platform/database.ts';
import type { Language } from './document.ts';
import { type DunningAction, type DunningSteps, dunningStepsSchema } from './dunning.ts';
import type { TaxMode, TaxRate } from './tax.ts';

export type BillingMode = 'prepaid' | 'postpaid';

export type BillingAccount = Readonly<{
  tenantId: string;
  tenantName: string;
  tenantKind: 'operator' | 'partner' | 'customer';
  currency: string;
  createdAtMs: number;
  mode: BillingMode;
  creditLinePico: bigint;
  timeZone: string;
  language: Language;
  dueDays: number;
  graceHours: number;
  dunning: DunningSteps;
  legalName: string;
  address: readonly string[];
  taxId: string;
  email: string;
  restriction: DunningAction | null;
  receivablePico: bigint;
  closed: Readonly<{ label: string; toMs: number }> | null;
}>;

type Row = Readonly<{
  tenantId: string;
  tenantName: string;
  tenantKind: BillingAccount['tenantKind'];
  currency: string;
  createdAt: Date;
  mode: BillingMode;
  creditLine: string;
  timeZone: string;
  language: Language;
  dueDays: number;
  graceHours: number;
  dunning: unknown;
  legalName: string;
  address: readonly string[];
  taxId: string;
  email: string;
  restriction: DunningAction | null;
  receivable: string;
  closedLabel: string | null;
  closedUntil: Date | null;
}>;

const columns = sql`b.tenant_id as "tenantId", t.name as "tenantName", t.kind as "tenantKind", t.currency,
  t.created_at as "createdAt", b.mode, b.credit_line_pico as "creditLine", b.time_zone as "timeZone",
  b.language, b.due_days as "dueDays", b.grace_hours as "graceHours", b.dunning,
  b.legal_name as "legalName", b.address, b.tax_id as "taxId", b.email, b.restriction,
  b.receivable_pico as receivable, b.closed_label as "closedLabel", b.closed_until as "closedUntil"`;

export async function selectAccount(
  database: Database,
  tenantId: string,
): Promise<BillingAccount | null> {
  const { rows } = await sql<Row>`select ${columns}
    from billing_accounts b join tenants t on t.id = b.tenant_id
    where b.tenant_id = ${tenantId}`.execute(database);
  const row = rows[0];
  return row === undefined ? null : toAccount(row);
}

/** For changes of anything but the line: ingestion goes on meanwhile. Taken after the balance's lock. */
export async function holdAccount(tx: Database, tenantId: string): Promise<BillingAccount | null> {
  await sql`select 1 from billing_accounts
    where tenant_id = ${tenantId} for no key update`.execute(tx);
  return selectAccount(tx, tenantId);
}

/** Whoever moves the line holds this; ingestion waits for it, and it for ingestion. */
export async function lockAccount(tx: Database, tenantId: string): Promise<BillingAccount | null> {
  await sql`select 1 from billing_accounts where tenant_id = ${tenantId} for update`.execute(tx);
  return selectAccount(tx, tenantId);
}

/** The cloud's own, whose name stands on every paper. */
export async function selectOperator(database: Database): Promise<BillingAccount | null> {
  const { rows } = await sql<Row>`select ${columns}
    from billing_accounts b join tenants t on t.id = b.tenant_id
    where t.kind = 'operator'`.execute(database);
  const row = rows[0];
  return row === undefined ? null : toAccount(row);
}

export async function selectAccounts(
  database: Database,
  page: Readonly<{ afterId: string | null; limit: number }>,
): Promise<readonly BillingAccount[]> {
  const { rows } = await sql<Row>`select ${columns}
    from billing_accounts b join tenants t on t.id = b.tenant_id
    where t.kind <> 'operator' and (${page.afterId}::text is null or b.tenant_id > ${page.afterId}::text)
    order by b.tenant_id limit ${page.limit}`.execute(database);
  return rows.map(toAccount);
}

/** Usage dated before it belongs to a closed period. Held until the caller's transaction ends. */
export async function shareClosedUntil(
  tx: Database,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ tenantId: string; closedUntil: Date | null }>`
    select tenant_id as "tenantId", closed_until as "closedUntil" from billing_accounts
    where tenant_id = any(${tenantIds}::text[]) order by tenant_id for key share`.execute(tx);
  return new Map(
    rows.flatMap(({ tenantId, closedUntil }) =>
      closedUntil === null ? [] : [[tenantId, closedUntil.getTime()] as const],
    ),
  );
}

export async function moveLine(
  tx: Database,
  request: Readonly<{ tenantId: string; label: string; toMs: number }>,
): Promise<void> {
  await sql`update billing_accounts
    set closed_label = ${request.label}, closed_until = ${new Date(request.toMs)}
    where tenant_id = ${request.tenantId}`.execute(tx);
}

export async function updateTerms(tx: Database, account: BillingAccount): Promise<void> {
  await sql`update billing_accounts set mode = ${account.mode},
      credit_line_pico = ${account.creditLinePico.toString()}::numeric,
      time_zone = ${account.timeZone}, language = ${account.language}, due_days = ${account.dueDays},
      grace_hours = ${account.graceHours}, dunning = ${JSON.stringify(account.dunning)}::jsonb,
      legal_name = ${account.legalName}, address = ${account.address}::text[],
      tax_id = ${account.taxId}, email = ${account.email}, updated_at = now()
    where tenant_id = ${account.tenantId}`.execute(tx);
}

export async function updateRestriction(
  tx: Database,
  request: Readonly<{ tenantId: string; restriction: DunningAction | null }>,
): Promise<void> {
  await sql`update billing_accounts set restriction = ${request.restriction}
    where tenant_id = ${request.tenantId}
      and restriction is distinct from ${request.restriction}`.execute(tx);
}

export async function addReceivable(
  tx: Database,
  request: Readonly<{ tenantId: string; amountPico: bigint }>,
): Promise<void> {
  await sql`update billing_accounts
    set receivable_pico = receivable_pico + ${request.amountPico.toString()}::numeric
    where tenant_id = ${request.tenantId}`.execute(tx);
}

export async function selectIsFrozen(tx: Database, tenantId: string): Promise<boolean> {
  const { rows } = await sql<{ isFrozen: boolean }>`
    select ledger_is_frozen(${tenantId}) as "isFrozen"`.execute(tx);
  return rows[0]?.isFrozen ?? false;
}

/** Tenants whose every call is refused, because they do not pay. */
export async function selectStopped(database: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ tenantId: string }>`
    select tenant_id as "tenantId" from billing_accounts
    where restriction = 'stop' order by tenant_id`.execute(database);
  return rows.map(({ tenantId }) => tenantId);
}

type TaxRow = Readonly<{
  effectiveFrom: Date;
  name: string;
  mode: TaxMode;
  ratePpm: number;
  reason: string;
}>;

/** Rates that one tenant can have had. */
const RATES_MAX = 1_000;

/** Newest first. */
export async function selectTaxRates(
  database: Database,
  tenantId: string,
): Promise<readonly TaxRate[]> {
  const { rows } = await sql<TaxRow>`
    select effective_from as "effectiveFrom", name, mode, rate_ppm as "ratePpm", reason
    from tax_rates where tenant_id = ${tenantId}
    order by effective_from desc limit ${RATES_MAX}`.execute(database);
  return rows.map(({ effectiveFrom, ...rate }) => ({
    ...rate,
    effectiveFromMs: effectiveFrom.getTime(),
  }));
}

/** Replaces one that begins at the same moment. */
export async function putTaxRate(
  tx: Database,
  rate: TaxRate & Readonly<{ tenantId: string; createdBy: string | null }>,
): Promise<void> {
  await sql`insert into tax_rates (tenant_id, effective_from, name, mode, rate_ppm, reason, created_by)
    values (${rate.tenantId}, ${new Date(rate.effectiveFromMs)}, ${rate.name}, ${rate.mode},
      ${rate.ratePpm}, ${rate.reason}, ${rate.createdBy})
    on conflict (tenant_id, effective_from) do update set name = excluded.name, mode = excluded.mode,
      rate_ppm = excluded.rate_ppm, reason = excluded.reason, created_by = excluded.created_by`.execute(
    tx,
  );
}

function toAccount(row: Row): BillingAccount {
  const { createdAt, creditLine, dunning, receivable, closedLabel, closedUntil, ...rest } = row;
  return {
    ...rest,
    createdAtMs: createdAt.getTime(),
    creditLinePico: BigInt(creditLine),
    dunning: dunningStepsSchema.parse(dunning),
    receivablePico: BigInt(receivable),
    closed:
      closedLabel === null || closedUntil === null
        ? null
        : { label: closedLabel, toMs: closedUntil.getTime() },
  };
}
