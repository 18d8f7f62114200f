/** Imports as a tenant sees them: asked for, listed, cancelled. `import/runner.ts` does the work. */
import type { Database } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { ImportCreate } from './api.ts';
import { failImport } from './errors.ts';
import { requireOperator } from './import/run.ts';
import { ImportRunner, type ImportRunnerOptions } from './import/runner.ts';
import { parseSource } from './import/source.ts';
import {
  type ImportRow,
  countRunningImports,
  endImport,
  insertImport,
  selectImport,
  selectImports,
} from './import-store.ts';
import { type ModelName, parseModelName } from './name.ts';
import { nameTaken } from './publish.ts';
import { selectNamespace } from './repositories/namespace-store.ts';
import { lockModelName } from './store.ts';

export type Caller = Readonly<{ tenantId: string; isOperator: boolean }>;

export type Imports = Readonly<{
  /** Raises `import.source_invalid`, `import.local_denied`, `import.too_many`, `model.name_*`. */
  create: (caller: Caller, asked: ImportCreate) => Promise<ImportRow>;
  list: (
    query: Readonly<{ tenantId: string; before: string | null; limit: number }>,
  ) => Promise<readonly ImportRow[]>;
  /** Raises `import.unknown`. */
  get: (tenantId: string, id: string) => Promise<ImportRow>;
  /** Raises `import.unknown`, `import.finished`. */
  cancel: (tenantId: string, id: string) => Promise<ImportRow>;
  start: () => void;
  /** Interrupts what runs; the next process goes on with it. */
  stop: () => Promise<void>;
}>;

/** So that one tenant cannot fill the queue. */
const RUNNING_PER_TENANT_MAX = 16;

export function createImports(options: ImportRunnerOptions): Imports {
  const { database, clock } = options;
  const runner = new ImportRunner(options);
  return {
    create: async (caller, asked) => {
      if (parseSource(asked.source).kind === 'local') requireOperator(caller.isOperator);
      await requireFree(database, caller.tenantId, parseModelName(asked.modelName));
      await requireRoom(database, caller.tenantId);
      const row = await insertImport(database, {
        tenantId: caller.tenantId,
        id: createId('imp', clock.nowMs()),
        modelName: asked.modelName,
        source: asked.source,
        request: {
          visibility: asked.visibility ?? 'private',
          license: asked.license ?? null,
          sha256: asked.sha256 ?? null,
          message: asked.message ?? '',
          isOperator: caller.isOperator,
        },
        claimedUntil: runner.claimUntil(),
      });
      runner.launch(row, asked.token ?? null);
      return row;
    },
    list: (query) => selectImports(database, query),
    get: (tenantId, id) => requireImport(database, tenantId, id),
    cancel: async (tenantId, id) => {
      const row = await requireImport(database, tenantId, id);
      const isCancelled = await endImport(database, id, { state: 'cancelled' });
      if (!isCancelled && row.state !== 'cancelled') {
        throw failImport('import.finished', `The import ${id} has ended already.`);
      }
      await runner.drop(id);
      return requireImport(database, tenantId, id);
    },
    start: () => runner.start(),
    stop: () => runner.stop(),
  };
}

async function requireImport(database: Database, tenantId: string, id: string): Promise<ImportRow> {
  const row = await selectImport(database, tenantId, id);
  if (row !== null) return row;
  throw failImport('import.unknown', `There is no import ${id}.`);
}

/** In what another tenant holds every name is taken, so that none tells whether it is used. */
async function requireFree(database: Database, tenantId: string, name: ModelName): Promise<void> {
  const model = await lockModelName(database, name);
  const holder = model?.tenantId ?? (await selectNamespace(database, name.owner));
  if (holder !== null && holder !== tenantId) throw nameTaken(name);
}

async function requireRoom(database: Database, tenantId: string): Promise<void> {
  if ((await countRunningImports(database, tenantId)) < RUNNING_PER_TENANT_MAX) return;
  throw failImport(
    'import.too_many',
    `${RUNNING_PER_TENANT_MAX} imports are running already; wait for one to end.`,
    { retryAfterMs: 30_000 },
  );
}
