/** SQL of what provider models cost: versions that are inserted and read, never changed. */
import { type Database, sql } from '#platform/database.ts';
import type { PriceComponent } from '#pricing/price.ts';
import type { Direction } from '#pricing/quantities.ts';

export type CostRow = Readonly<{
  id: string;
  providerModelId: string;
  currency: string;
  effectiveFrom: Date;
  components: readonly PriceComponent[];
}>;

/** Of before there were components: pico per token. */
type StoredRow = Omit<CostRow, 'components'> &
  Readonly<{
    components: readonly PriceComponent[] | null;
    inputPico: string;
    cacheReadPico: string | null;
    outputPico: string;
    reasoningPico: string | null;
  }>;

export type NewCost = CostRow &
  Readonly<{ tenantId: string; createdBy: string | null; createdAtMs: number }>;

export async function insertCost(tx: Database, cost: NewCost): Promise<void> {
  await sql`insert into provider_costs (tenant_id, id, provider_model_id, currency, effective_from,
      input_pico, output_pico, components, created_by, created_at)
    values (${cost.tenantId}, ${cost.id}, ${cost.providerModelId}, ${cost.currency},
      ${cost.effectiveFrom}, 0, 0, ${JSON.stringify(cost.components)}::jsonb, ${cost.createdBy}, ${new Date(cost.createdAtMs)})`.execute(
    tx,
  );
}

/** A new cost every day for decades; the limit keeps a fault from filling the memory. */
const VERSIONS_MAX = 10_000;

/** Every version of these models, whoever owns them: for rating, by ids that came with the events. */
export async function selectCosts(
  database: Database,
  providerModelIds: readonly string[],
): Promise<readonly CostRow[]> {
  const { rows } = await sql<StoredRow>`
    select id, provider_model_id as "providerModelId", currency, effective_from as "effectiveFrom",
      input_pico as "inputPico", cache_read_pico as "cacheReadPico", output_pico as "outputPico",
      reasoning_pico as "reasoningPico", components
    from provider_costs where provider_model_id = any(${providerModelIds}::text[])
    order by effective_from limit ${VERSIONS_MAX}`.execute(database);
  return rows.map(({ inputPico, cacheReadPico, outputPico, reasoningPico, ...row }) => ({
    ...row,
    components: row.components ?? [
      ...perToken('input', inputPico),
      ...perToken('cache_read', cacheReadPico),
      ...perToken('output', outputPico),
      ...perToken('reasoning', reasoningPico),
    ],
  }));
}

function perToken(direction: Direction, amountPico: string | null): readonly PriceComponent[] {
  return amountPico === null ? [] : [{ unit: 'token', direction, amountPico, perUnits: 1 }];
}
