/** The rows of some tenants, read in one statement: what the laws are held against. */
import assert from 'node:assert/strict';
import { z } from 'zod';
import { type Database, sql } from '#platform/database.ts';
import { LEASE_GRACE_MS } from '#ledger/lease.ts';
import { parseAmount } from '#ledger/money.ts';
import { readInvoiceDocument } from '#invoices/credit-notes.ts';
import type { BookPeriod, Books } from './laws.ts';

const pico = z.string().transform(BigInt);

const movingSchema = z.object({
  accounts: z.array(
    z.object({
      id: z.string(),
      tenantId: z.string(),
      kind: z.string(),
      floorPico: pico.nullable(),
      balancePico: pico,
      heldPico: pico,
      slackPico: pico,
    }),
  ),
  leases: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['open', 'released', 'expired']),
      amountPico: pico,
      slackPico: pico,
      settledPico: pico,
      heldPico: pico,
    }),
  ),
});

const booksSchema = movingSchema.extend({
  entries: z.array(
    z.object({
      id: z.number(),
      key: z.string(),
      kind: z.string(),
      postings: z.array(
        z.object({ accountId: z.string(), currency: z.string(), amountPico: pico }),
      ),
    }),
  ),
  events: z.array(
    z.object({
      requestId: z.string(),
      tenantId: z.string(),
      gatewayId: z.string(),
      outcome: z.string(),
      input: z.number(),
      cacheRead: z.number(),
      output: z.number(),
      amountPico: pico,
      entryId: z.number().nullable(),
      billedAtMs: z.number(),
      sourcesPico: pico.nullable(),
    }),
  ),
  periods: z.array(
    z
      .object({
        tenantId: z.string(),
        label: z.string(),
        fromMs: z.number(),
        toMs: z.number(),
        state: z.enum(['frozen', 'closed']),
        number: z.string().nullable(),
        totalPico: pico.nullable(),
        document: z.string().nullable(),
      })
      .transform(withInvoice),
  ),
  grants: z.array(z.object({ id: z.string(), accountId: z.string(), remainingPico: pico })),
});

function withInvoice(
  row: Omit<BookPeriod, 'invoice'> &
    Readonly<{ number: string | null; totalPico: bigint | null; document: string | null }>,
): BookPeriod {
  const { number, totalPico, document, ...period } = row;
  if (number === null || totalPico === null || document === null) {
    return { ...period, invoice: null };
  }
  const { lines } = readInvoiceDocument({ document });
  const usageExactPico = lines
    .filter(({ kind }) => kind !== 'purchase')
    .reduce((total, { exactAmount }) => total + parseAmount(exactAmount), 0n);
  return { ...period, invoice: { number, totalPico, usageExactPico } };
}

type Asked = Readonly<{ tenantIds: readonly string[]; nowMs: number }>;

const ownAccounts = (tenantIds: readonly string[]) => sql`own as materialized (
  select id, tenant_id, kind, currency, floor_pico from ledger_accounts
  where tenant_id = any(${tenantIds}::text[]))`;

const accountsOf = (
  nowMs: number,
) => sql`coalesce((select jsonb_agg(jsonb_build_object('id', o.id, 'tenantId', o.tenant_id,
          'kind', o.kind,
          'floorPico', (case when o.kind = 'credit' then ledger_floor_of(o.tenant_id)
            when o.kind = 'author' then null else 0 end)::text,
          'balancePico', (select coalesce(sum(b.balance_pico), 0) from ledger_balances b
            where b.account_id = o.id)::text,
          'heldPico', (select coalesce(sum(p.held_pico), 0) from lease_parts p
            join leases l on l.tenant_id = p.tenant_id and l.id = p.lease_id
            where p.account_id = o.id and l.expires_at > ${new Date(nowMs - LEASE_GRACE_MS)})::text,
          'slackPico', (select coalesce(max(l.slack_pico), 0) from leases l
            where l.account_id = o.id)::text) order by o.id) from own o), '[]')`;

const leasesOf = (
  tenantIds: readonly string[],
) => sql`coalesce((select jsonb_agg(jsonb_build_object('id', l.id, 'state', l.state,
          'amountPico', l.amount_pico::text, 'slackPico', l.slack_pico::text,
          'settledPico', l.settled_pico::text,
          'heldPico', (select coalesce(sum(p.held_pico), 0) from lease_parts p
            where p.tenant_id = l.tenant_id and p.lease_id = l.id)::text) order by l.id)
        from leases l where l.tenant_id = any(${tenantIds}::text[])), '[]')`;

/** After a step that cannot have posted anything: balances and leases anew, what is written down as it was. */
export async function readMoving(database: Database, asked: Asked, before: Books): Promise<Books> {
  const { tenantIds, nowMs } = asked;
  const { rows } = await sql<{ books: unknown }>`with ${ownAccounts(tenantIds)}
    select jsonb_build_object('accounts', ${accountsOf(nowMs)},
      'leases', ${leasesOf(tenantIds)}) as books`.execute(database);
  return { ...before, ...movingSchema.parse(rows[0]?.books) };
}

export async function readBooks(database: Database, { tenantIds, nowMs }: Asked): Promise<Books> {
  const { rows } = await sql<{ books: unknown }>`
    with ${ownAccounts(tenantIds)}, calls as materialized (
      select e.*, (select sum(s.amount_pico) from usage_sources s
        where s.request_id = e.request_id and s.attempt = e.attempt and s.tenant_id = e.tenant_id
          and s.request_day = e.request_day) as sources
      from usage_events e where e.tenant_id = any(${tenantIds}::text[])
    ), ids as materialized (
      select entry_id as id from ledger_postings where account_id in (select id from own)
      union select entry_id from calls where entry_id is not null
    )
    select jsonb_build_object(
      'entries', coalesce((select jsonb_agg(jsonb_build_object('id', t.id, 'key', t.key,
          'kind', t.kind, 'postings', (select jsonb_agg(jsonb_build_object(
            'accountId', p.account_id, 'currency', p.currency, 'amountPico', p.amount_pico::text)
            order by p.position) from ledger_postings p where p.entry_id = t.id)) order by t.id)
        from ledger_entries t where t.id in (select id from ids)), '[]'),
      'accounts', ${accountsOf(nowMs)},
      'events', coalesce((select jsonb_agg(jsonb_build_object('requestId', c.request_id,
          'tenantId', c.tenant_id, 'gatewayId', c.gateway_id, 'outcome', c.outcome,
          'input', c.input_tokens, 'cacheRead', c.cache_read_tokens, 'output', c.output_tokens,
          'amountPico', c.amount_pico::text, 'entryId', c.entry_id,
          'billedAtMs', round(extract(epoch from c.billed_at) * 1000)::bigint,
          'sourcesPico', c.sources::text) order by c.request_id, c.attempt) from calls c), '[]'),
      'leases', ${leasesOf(tenantIds)},
      'periods', coalesce((select jsonb_agg(jsonb_build_object('tenantId', b.tenant_id,
          'label', b.label, 'state', b.state,
          'fromMs', round(extract(epoch from b.from_at) * 1000)::bigint,
          'toMs', round(extract(epoch from b.to_at) * 1000)::bigint,
          'number', i.number, 'totalPico', i.total_pico::text, 'document', i.document)
          order by b.tenant_id, b.from_at)
        from billing_periods b left join invoices i
          on i.tenant_id = b.tenant_id and i.id = b.invoice_id
        where b.tenant_id = any(${tenantIds}::text[])), '[]'),
      'grants', coalesce((select jsonb_agg(jsonb_build_object('id', g.id,
          'accountId', 'tenant/' || g.tenant_id || '/' ||
            (case when g.origin = 'savings_plan' then 'savings_plan' else 'grant' end) || '/' ||
            g.id || '/' || g.currency,
          'remainingPico', g.remaining_pico::text) order by g.id)
        from grants g where g.tenant_id = any(${tenantIds}::text[])), '[]')
    ) as books`.execute(database);
  const [row] = rows;
  assert.ok(row !== undefined);
  return booksSchema.parse(row.books);
}
