/** For tests: a fleet on a real database with two tenants and models of each, and nodes that report. */
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import type { TestDatabase } from '../../test/database.ts';
import { type Fleet, createFleet } from './fleet.ts';
import type { FleetModels } from './models.ts';
import type { NodeReport, ReplicaReport, SyncAnswer } from './sync.ts';

export const OPERATOR = 'ten_operator';
export const CUSTOMER = 'ten_customer';

const GIB = 1024 ** 3;

export type FleetFixture = Readonly<{
  fleet: Fleet;
  database: TestDatabase;
  clock: ReturnType<typeof createManualClock>;
  /** Deploys and returns the id. */
  deploy: (wish?: Parameters<Fleet['createDeployment']>[1]) => Promise<string>;
}>;

/** `op/tiny` is public, `op/secret` is the operator's, `cust/own` is the customer's. */
const MODELS: readonly { id: string; name: string; tenantId: string; isPublic: boolean }[] = [
  { id: 'mdl_tiny', name: 'op/tiny', tenantId: OPERATOR, isPublic: true },
  { id: 'mdl_secret', name: 'op/secret', tenantId: OPERATOR, isPublic: false },
  { id: 'mdl_own', name: 'cust/own', tenantId: CUSTOMER, isPublic: false },
];

export const REVISION = 'a'.repeat(40);

/** Starts with an empty fleet; one database serves all tests of a file. */
export async function createFleetFixture(database: TestDatabase): Promise<FleetFixture> {
  await sql`truncate replica_logs, replicas, deployments, nodes`.execute(database.database);
  await sql`insert into tenants (id, kind, name)
    values (${OPERATOR}, 'operator', 'Operator'), (${CUSTOMER}, 'customer', 'Customer')
    on conflict do nothing`.execute(database.database);
  for (const { id, name, tenantId } of MODELS) {
    const [owner, short] = name.split('/');
    await sql`insert into models (tenant_id, id, owner, name, visibility)
      values (${tenantId}, ${id}, ${owner}, ${short}, 'public') on conflict do nothing`.execute(
      database.database,
    );
  }
  const clock = createManualClock();
  const fleet = createFleet({
    database: database.database,
    models: fixtureModels,
    clock,
    log: silentLog,
  });
  return {
    fleet,
    database,
    clock,
    deploy: async (wish = { model: 'op/tiny' }) =>
      (await fleet.createDeployment({ tenantId: OPERATOR, isOperator: true }, wish)).id,
  };
}

const fixtureModels: FleetModels = {
  resolve: async ({ tenantId, name, revisionId }) => {
    const model = MODELS.find((candidate) => candidate.name === name);
    if (model === undefined || !(model.isPublic || model.tenantId === tenantId)) {
      return { kind: 'model_unknown' };
    }
    if (revisionId !== null && revisionId !== REVISION) return { kind: 'revision_unknown' };
    return {
      kind: 'resolved',
      model: {
        modelId: model.id,
        name,
        revisionId: REVISION,
        weights: {
          weights: [{ sha256: 'b'.repeat(64), sizeBytes: 1_000_000, path: 'tiny.gguf' }],
          adapter: null,
        },
        parameters: 500_000,
        contextLength: 2048,
      },
    };
  },
  isName: async (name) => MODELS.some((model) => model.name === name),
};

/** One report of a node, answered at once. */
export function reportFrom(
  fleet: Fleet,
  name: string,
  replicas: readonly ReplicaReport[] = [],
  more: Partial<NodeReport> = {},
): Promise<SyncAnswer> {
  const report: NodeReport = {
    name,
    region: 'local',
    zone: 'a',
    cores: 2,
    memoryBytes: 8 * GIB,
    version: '0.0.0',
    isLeaving: false,
    replicas: [...replicas],
    logs: [],
    knownTag: null,
    ...more,
  };
  return fleet.sync(report, new AbortController().signal);
}

export function readyReplica(id: string, change: Partial<ReplicaReport> = {}): ReplicaReport {
  return {
    id,
    state: 'ready',
    reason: null,
    progress: null,
    url: 'http://127.0.0.1:1',
    engineKey: 'secret',
    restarts: 0,
    info: { model: 'op/tiny', contextLength: 2048, parallel: 4, capabilities: ['chat'] },
    running: 0,
    waiting: 0,
    wasActive: false,
    ...change,
  };
}
