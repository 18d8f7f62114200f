/** SQL of rules and earnings. What is an author's states its tenant; rules are the operator's. */
import { type Database, sql } from '#platform/database.ts';
import type { ShareRule } from './rule.ts';

type RuleRow = Omit<ShareRule, 'effectiveFromMs'> & Readonly<{ effectiveFrom: Date }>;

const ruleColumns = sql`id, model_id as "modelId", basis_points as "basisPoints",
  author_tenant_id as "authorTenantId", counts_own_usage as "countsOwnUsage",
  counts_free_usage as "countsFreeUsage", effective_from as "effectiveFrom"`;

export async function insertRule(
  database: Database,
  rule: ShareRule & Readonly<{ createdBy: string | null; createdAtMs: number }>,
): Promise<void> {
  await sql`insert into share_rules (id, model_id, basis_points, author_tenant_id,
      counts_own_usage, counts_free_usage, effective_from, created_by, created_at)
    values (${rule.id}, ${rule.modelId}, ${rule.basisPoints}, ${rule.authorTenantId},
      ${rule.countsOwnUsage}, ${rule.countsFreeUsage}, ${new Date(rule.effectiveFromMs)},
      ${rule.createdBy}, ${new Date(rule.createdAtMs)})`.execute(database);
}

/** Of these models, and the default; every version, because a late call needs the one of its time. */
export async function selectRulesFor(
  database: Database,
  modelIds: readonly string[],
): Promise<readonly ShareRule[]> {
  const { rows } = await sql<RuleRow>`select ${ruleColumns} from share_rules
    where model_id is null or model_id = any(${modelIds}::text[])`.execute(database);
  return rows.map(toRule);
}

/** The one that begins last first; with an author, those of its models and the default. */
export async function selectRules(
  database: Database,
  query: Readonly<{ modelIds: readonly string[] | null; limit: number }>,
): Promise<readonly ShareRule[]> {
  const { rows } = await sql<RuleRow>`select ${ruleColumns} from share_rules
    where ${query.modelIds}::text[] is null or model_id is null
      or model_id = any(${query.modelIds}::text[])
    order by effective_from desc, id desc limit ${query.limit}`.execute(database);
  return rows.map(toRule);
}

function toRule({ effectiveFrom, ...rule }: RuleRow): ShareRule {
  return { ...rule, effectiveFromMs: effectiveFrom.getTime() };
}

/** Models that a rule gives to this tenant by name. */
export async function selectModelsGivenTo(
  database: Database,
  tenantId: string,
): Promise<readonly string[]> {
  const { rows } = await sql<{ modelId: string }>`
    select distinct model_id as "modelId" from share_rules
    where author_tenant_id = ${tenantId} and model_id is not null`.execute(database);
  return rows.map((row) => row.modelId);
}

/** Rows of a shard are only ever added to by those who drew the same one. */
export type Earning = Readonly<{
  tenantId: string;
  modelId: string;
  currency: string;
  calls: number;
  revenuePico: bigint;
  sharePico: bigint;
  reversedPico: bigint;
}>;

/** Adds up in key order, so that two shipments never wait for each other in a circle. */
export async function addEarnings(
  tx: Database,
  request: Readonly<{ dayMs: number; shard: number; earnings: readonly Earning[] }>,
): Promise<void> {
  const { dayMs, shard } = request;
  const earnings = request.earnings.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const day = new Date(dayMs).toISOString().slice(0, 10);
  await sql`
    insert into author_earnings (tenant_id, day, model_id, currency, shard, calls, revenue_pico,
      share_pico, reversed_pico)
    select tenant_id, ${day}::date, model_id, currency, ${shard}::integer, calls, revenue, share,
      reversed
    from unnest(
      ${earnings.map(({ tenantId }) => tenantId)}::text[],
      ${earnings.map(({ modelId }) => modelId)}::text[],
      ${earnings.map(({ currency }) => currency)}::text[],
      ${earnings.map(({ calls }) => calls)}::bigint[],
      ${earnings.map(({ revenuePico }) => revenuePico.toString())}::numeric[],
      ${earnings.map(({ sharePico }) => sharePico.toString())}::numeric[],
      ${earnings.map(({ reversedPico }) => reversedPico.toString())}::numeric[]
    ) with ordinality as new
      (tenant_id, model_id, currency, calls, revenue, share, reversed, position)
    order by position
    on conflict (tenant_id, day, model_id, currency, shard) do update set
      calls = author_earnings.calls + excluded.calls,
      revenue_pico = author_earnings.revenue_pico + excluded.revenue_pico,
      share_pico = author_earnings.share_pico + excluded.share_pico,
      reversed_pico = author_earnings.reversed_pico + excluded.reversed_pico`.execute(tx);
}

function keyOf({ tenantId, modelId, currency }: Earning): string {
  return `${tenantId} ${modelId} ${currency}`;
}

export type AuthorRow = Readonly<{
  tenantId: string;
  tenantName: string;
  currency: string;
  earnedPico: string;
  paidPico: string;
  payablePico: string;
  models: number;
  lastEarnedOn: string | null;
}>;

/** Whoever has an author's account, by what is owed; payable is what the ledger says. */
export async function selectAuthors(
  database: Database,
  query: Readonly<{ tenantId: string | null; limit: number }>,
): Promise<readonly AuthorRow[]> {
  const { rows } = await sql<AuthorRow>`
    select a.tenant_id as "tenantId", t.name as "tenantName", a.currency,
      coalesce(e.earned, 0) as "earnedPico", coalesce(p.paid, 0) as "paidPico",
      coalesce((select sum(b.balance_pico) from ledger_balances b where b.account_id = a.id), 0)
        as "payablePico",
      coalesce(e.models, 0) as models, e.last_day::text as "lastEarnedOn"
    from ledger_accounts a
    join tenants t on t.id = a.tenant_id
    left join (select tenant_id, currency, sum(share_pico - reversed_pico) as earned,
        count(distinct model_id) as models, max(day) as last_day
      from author_earnings group by 1, 2) e
      on e.tenant_id = a.tenant_id and e.currency = a.currency
    left join (select tenant_id, currency, sum(amount_pico) as paid
      from author_payouts where reversed_at is null group by 1, 2) p
      on p.tenant_id = a.tenant_id and p.currency = a.currency
    where a.kind = 'author'
      and (${query.tenantId}::text is null or a.tenant_id = ${query.tenantId}::text)
    order by "payablePico" desc, a.tenant_id limit ${query.limit}`.execute(database);
  return rows;
}

export type EarningSum = Readonly<{
  modelId: string;
  calls: number;
  revenuePico: string;
  sharePico: string;
  reversedPico: string;
}>;

/** By model, of days from (with) to (without), the most earned first. */
export async function selectEarnings(
  database: Database,
  query: Readonly<{ tenantId: string; currency: string; from: string; to: string; limit: number }>,
): Promise<readonly EarningSum[]> {
  const { rows } = await sql<EarningSum>`
    select model_id as "modelId", sum(calls)::bigint as calls, sum(revenue_pico) as "revenuePico",
      sum(share_pico) as "sharePico", sum(reversed_pico) as "reversedPico"
    from author_earnings
    where tenant_id = ${query.tenantId} and currency = ${query.currency}
      and day >= ${query.from}::date and day < ${query.to}::date
    group by 1 order by "sharePico" desc, 1 limit ${query.limit}`.execute(database);
  return rows;
}

export async function selectEarningDays(
  database: Database,
  query: Readonly<{ tenantId: string; currency: string; from: string; to: string }>,
): Promise<readonly Readonly<{ day: string; sharePico: string }>[]> {
  const { rows } = await sql<{ day: string; sharePico: string }>`
    select day::text as day, sum(share_pico - reversed_pico) as "sharePico"
    from author_earnings
    where tenant_id = ${query.tenantId} and currency = ${query.currency}
      and day >= ${query.from}::date and day < ${query.to}::date
    group by day order by day`.execute(database);
  return rows;
}

/** What was earned before a day, less what was taken back. */
export async function selectEarnedBefore(
  database: Database,
  query: Readonly<{ tenantId: string; currency: string; day: string }>,
): Promise<bigint> {
  const { rows } = await sql<{ earned: string }>`
    select coalesce(sum(share_pico - reversed_pico), 0) as earned from author_earnings
    where tenant_id = ${query.tenantId} and currency = ${query.currency}
      and day < ${query.day}::date`.execute(database);
  return BigInt(rows[0]?.earned ?? '0');
}

export type AuthorDifference = Readonly<{ accountId: string; balance: string; expected: string }>;

/** Accounts whose balance is not what was earned, less what was taken back and paid out. */
export async function selectDifferences(
  database: Database,
  limit: number,
): Promise<readonly AuthorDifference[]> {
  const { rows } = await sql<AuthorDifference>`
    with moved as (
      select tenant_id, currency, share_pico - reversed_pico as pico from author_earnings
      union all
      select tenant_id, currency, -amount_pico from author_payouts where reversed_at is null
    ), expected as (select tenant_id, currency, sum(pico) as pico from moved group by 1, 2),
    actual as (
      select a.tenant_id, a.currency, sum(b.balance_pico) as pico
      from ledger_accounts a join ledger_balances b on b.account_id = a.id
      where a.kind = 'author' group by 1, 2
    )
    select 'tenant/' || tenant_id || '/author/' || currency as "accountId",
      coalesce(actual.pico, 0) as balance, coalesce(expected.pico, 0) as expected
    from expected full join actual using (tenant_id, currency)
    where coalesce(actual.pico, 0) <> coalesce(expected.pico, 0)
    order by 1 limit ${limit}`.execute(database);
  return rows;
}

export async function selectTenantName(
  database: Database,
  tenantId: string,
): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    select name from tenants where id = ${tenantId}`.execute(database);
  return rows[0]?.name ?? null;
}

/** The tenant that owns the machines: it shares with others, never with itself. */
export async function selectOperatorId(database: Database): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from tenants where kind = 'operator' limit 1`.execute(database);
  return rows[0]?.id ?? null;
}
