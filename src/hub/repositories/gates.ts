/**
 * Gates of repositories: a tenant asks for the files, and gets them at once or by the owner's word. What
 * the repository says of itself stays readable; the owner's tenant never asks.
 */
import type { Database } from '#platform/database.ts';
import { failHub } from '../errors.ts';
import type { Viewer } from './access.ts';
import {
  type AccessRequest,
  type AccessState,
  insertRequest,
  selectRequestState,
  selectRequests,
  updateRequest,
} from './gate-store.ts';
import { selectNamespace, selectNamespaces } from './namespace-store.ts';
import type { Repository } from './repositories.ts';

export interface Gates {
  /** What was said, or is said at once where the gate is automatic. */
  ask(viewer: Viewer, to: Repository): Promise<AccessState>;
  /** How the viewer's own request stands; null where it never asked. */
  stateOf(viewer: Viewer, to: Repository): Promise<AccessState | null>;
  list(of: Repository, state: AccessState): Promise<readonly AccessRequest[]>;
  /** Raises `gate.request_unknown`. */
  decide(of: Repository, asker: string, state: AccessState): Promise<void>;
  /** Lets in who never asked, by a namespace it holds. Raises `gate.request_unknown`. */
  admit(of: Repository, namespace: string): Promise<void>;
}

const SHOWN_MAX = 1_000;

export function createGates(database: Database): Gates {
  const keyOf = ({ row }: Repository) => ({ tenantId: row.tenantId, modelId: row.id });
  return {
    ask: async (viewer, repository) => {
      const { gated, tenantId } = repository.row;
      if (gated === 'no' || viewer.tenantId === tenantId) return 'accepted';
      const [own] = await selectNamespaces(database, viewer.tenantId, 1);
      return insertRequest(database, keyOf(repository), {
        tenantId: viewer.tenantId,
        name: own?.name ?? viewer.tenantId,
        state: gated === 'auto' ? 'accepted' : 'pending',
      });
    },
    stateOf: (viewer, repository) =>
      selectRequestState(database, keyOf(repository), viewer.tenantId),
    list: (repository, state) => selectRequests(database, keyOf(repository), state, SHOWN_MAX),
    decide: async (repository, asker, state) => {
      if (!(await updateRequest(database, keyOf(repository), asker, state))) throw unknown(asker);
    },
    admit: async (repository, name) => {
      const tenantId = await selectNamespace(database, name);
      if (tenantId === null) throw unknown(name);
      const key = keyOf(repository);
      await insertRequest(database, key, { tenantId, name: name.toLowerCase(), state: 'accepted' });
      await updateRequest(database, key, tenantId, 'accepted');
    },
  };
}

function unknown(asker: string): Error {
  return failHub('gate.request_unknown', `${asker.slice(0, 100)} has not asked for these files.`);
}
