/** Who runs this cloud, for modules that tell or charge the operator. */
import type { Database } from '#platform/database.ts';
import { findOperatorTenantId } from './store.ts';

/** Null before the first start. */
export function readOperatorId(database: Database): Promise<string | null> {
  return findOperatorTenantId(database);
}
