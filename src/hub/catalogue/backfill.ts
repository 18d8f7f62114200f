/**
 * Fills in what lists filter by, of repositories that were made before there was a catalogue. It stops and goes on
 * anywhere: a row that has its terms is done.
 */
import type { Log } from '#platform/log.ts';
import { transaction } from '#platform/database.ts';
import { type CommitParts, contentOf } from '../repositories/commits.ts';
import { lockRepository } from '../repositories/repository-store.ts';
import { type ModelRow, fileOf, selectFiles, selectUncatalogued, updateCard } from '../store.ts';

const BATCH = 50;

export async function backfillCatalogue(
  parts: CommitParts & Readonly<{ log: Log }>,
): Promise<void> {
  let after = '';
  for (;;) {
    const rows = await selectUncatalogued(parts.database, { after, limit: BATCH });
    for (const row of rows) {
      try {
        await fill(parts, row);
      } catch (error) {
        // Its bytes may be damaged; it stays listed by its name.
        parts.log.warn('hub.catalogue_failed', { repository: row.id, error });
      }
    }
    after = rows.at(-1)?.id ?? '';
    if (rows.length < BATCH) return;
  }
}

async function fill(parts: CommitParts, row: ModelRow): Promise<void> {
  const { tenantId, id: modelId, latestRevisionId } = row;
  const key = { tenantId, modelId };
  const files =
    latestRevisionId === null
      ? []
      : await selectFiles(parts.database, { ...key, revisionIds: [latestRevisionId] });
  const { card } = await contentOf(
    parts,
    row,
    files.map((file) => fileOf(file)),
  );
  await transaction(parts.database, async (tx) => {
    // Whoever commits meanwhile has filled it.
    const now = await lockRepository(tx, key);
    if (now?.latestRevisionId === latestRevisionId)
      await updateCard(tx, { tenantId, id: modelId, card });
  });
}
