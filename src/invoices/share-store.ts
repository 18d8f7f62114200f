/** SQL of what authors earned of invoices. */
import { type Database, sql } from '#platform/database.ts';
import type { EarnedShare } from './usage-lines.ts';

type Of = Readonly<{ tenantId: string; id: string }>;

export type KeptShare = EarnedShare & Readonly<{ reversedPico: bigint }>;

export async function insertShares(
  tx: Database,
  invoice: Of,
  shares: readonly EarnedShare[],
): Promise<void> {
  if (shares.length === 0) return;
  await sql`
    insert into invoice_shares (tenant_id, invoice_id, model_id, admitted_at, amount_pico, share_pico)
    select ${invoice.tenantId}, ${invoice.id}, model_id, admitted_at, amount, share
    from unnest(
      ${shares.map(({ modelId }) => modelId)}::text[],
      ${shares.map(({ admittedAtMs }) => new Date(admittedAtMs))}::timestamptz[],
      ${shares.map(({ amountPico }) => amountPico.toString())}::numeric[],
      ${shares.map(({ sharePico }) => sharePico.toString())}::numeric[]
    ) as new (model_id, admitted_at, amount, share)`.execute(tx);
}

/** One note at a time: whoever takes back holds the invoice. */
export async function lockShares(tx: Database, invoice: Of): Promise<readonly KeptShare[]> {
  const { rows } = await sql<{
    modelId: string;
    admittedAt: Date;
    amount: string;
    share: string;
    reversed: string;
  }>`
    select model_id as "modelId", admitted_at as "admittedAt", amount_pico as amount,
      share_pico as share, reversed_pico as reversed
    from invoice_shares where tenant_id = ${invoice.tenantId} and invoice_id = ${invoice.id}
    order by model_id, admitted_at for update`.execute(tx);
  return rows.map(({ modelId, admittedAt, amount, share, reversed }) => ({
    modelId,
    admittedAtMs: admittedAt.getTime(),
    amountPico: BigInt(amount),
    sharePico: BigInt(share),
    reversedPico: BigInt(reversed),
  }));
}

export async function addReversed(
  tx: Database,
  request: Of & Readonly<{ share: KeptShare; sharePico: bigint }>,
): Promise<void> {
  const { tenantId, id, share, sharePico } = request;
  await sql`update invoice_shares
    set reversed_pico = reversed_pico + ${sharePico.toString()}::numeric
    where tenant_id = ${tenantId} and invoice_id = ${id} and model_id = ${share.modelId}
      and admitted_at = ${new Date(share.admittedAtMs)}`.execute(tx);
}
