/** Drafts as they are shown: with the names of models and people for what the rows hold. */
import type { Database } from '#platform/database.ts';
import type { ActorDirectory } from './actors.ts';
import { type PriceDraft, currencySchema } from './api.ts';
import { type DraftRow, selectItems, selectRequiresApproval } from './draft-store.ts';
import type { ModelDirectory } from './pricing.ts';

type Parts = Readonly<{ database: Database; models: ModelDirectory; actors: ActorDirectory }>;

export async function showDrafts(
  { database, models, actors }: Parts,
  tenantId: string,
  rows: readonly DraftRow[],
): Promise<readonly PriceDraft[]> {
  if (rows.length === 0) return [];
  const items = await selectItems(
    database,
    rows.map(({ id }) => id),
  );
  const listed = await models.list({ tenantId, isOperator: true });
  const modelNames = new Map(listed.map(({ id, name }) => [id, name]));
  const people = rows.flatMap(({ editors, approvedBy }) => [...editors, approvedBy ?? []].flat());
  const names = await actors.namesOf(tenantId, [...new Set(people)]);
  const named = (id: string) => ({ id, name: names.get(id) ?? id });
  const needsApproval = await selectRequiresApproval(database);
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    state: row.state,
    revision: row.revision,
    items: (items.get(row.id) ?? []).map(({ modelId, currency, effectiveFrom, terms }) => ({
      model: modelNames.get(modelId) ?? modelId,
      currency: currencySchema.parse(currency),
      effectiveFrom: effectiveFrom?.toISOString() ?? null,
      terms,
    })),
    editors: row.editors.map(named),
    approval:
      row.approvedBy === null || row.approvedAt === null
        ? null
        : { by: named(row.approvedBy), at: row.approvedAt.toISOString() },
    needsApproval,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}
