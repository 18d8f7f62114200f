/**
 * The family of a model: what it was made from and what was made from it, in both directions, with how much they
 * share. Known by id, so that a renamed model keeps its family; whom the caller may not see is neither named nor counted.
 */
import type { Database } from '#platform/database.ts';
import type { ModelRow } from '../store.ts';
import type { Family } from './api.ts';
import { familyTree } from './family.ts';
import { countRelations, selectAncestors, selectDescendants, selectFacts } from './family-store.ts';

export interface Lineage {
  /** Of a model that the tenant may see. */
  family(tenantId: string, model: Pick<ModelRow, 'id' | 'owner' | 'name'>): Promise<Family>;
}

export function createLineage({ database }: Readonly<{ database: Database }>): Lineage {
  return {
    family: async (tenantId, { id, owner, name }) => {
      const [up, down, counts] = await Promise.all([
        selectAncestors(database, tenantId, id),
        selectDescendants(database, tenantId, id),
        countRelations(database, tenantId, id),
      ]);
      const ids = new Set(
        [...up, ...down].flatMap(({ childId, baseId }) => [childId, baseId ?? '']),
      );
      const facts = await selectFacts(database, tenantId, [...ids, id]);
      return {
        name: `${owner}/${name}`,
        modelId: id,
        bases: familyTree(id, up, facts, 'bases'),
        derivatives: familyTree(id, down, facts, 'derivatives'),
        ...counts,
      };
    },
  };
}
