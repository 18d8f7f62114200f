/** Which promise holds for whom: a tenant's own mode, or the cloud's. */
import { type Database, PG_ERROR } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import { fail } from './errors.ts';
import type { LeaseMode } from './lease.ts';
import {
  deleteMode,
  selectMode,
  selectModeOfCloud,
  updateModeOfCloud,
  upsertMode,
} from './lease-mode-store.ts';

export type LeaseModeChoice = Readonly<{
  tenantId: string | null;
  mode: LeaseMode;
  /** It was chosen for this tenant, not for the cloud. */
  isOwn: boolean;
}>;

export async function readMode(
  database: Database,
  tenantId: string | null,
): Promise<LeaseModeChoice> {
  if (tenantId === null) return { tenantId, mode: await selectModeOfCloud(database), isOwn: true };
  return { tenantId, ...(await selectMode(database, tenantId)) };
}

export async function writeMode(
  database: Database,
  request:
    | Readonly<{ tenantId: string; mode: LeaseMode | null }>
    | Readonly<{ tenantId: null; mode: LeaseMode }>,
): Promise<LeaseModeChoice> {
  const { tenantId, mode } = request;
  if (tenantId === null) await updateModeOfCloud(database, mode);
  else if (mode === null) await deleteMode(database, tenantId);
  else await setOwn(database, { tenantId, mode });
  return readMode(database, tenantId);
}

async function setOwn(
  database: Database,
  request: Readonly<{ tenantId: string; mode: LeaseMode }>,
): Promise<void> {
  try {
    await upsertMode(database, request);
  } catch (error) {
    if (codeOf(error) !== PG_ERROR.foreignKeyViolation) throw error;
    throw fail('ledger.tenant_unknown', 'There is no such tenant.', { cause: error });
  }
}
