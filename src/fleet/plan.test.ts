import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type FleetView, type Step, planFleet } from './plan.ts';
import {
  type DeploymentRecord,
  NO_WEIGHTS,
  type NodeRecord,
  type ReplicaRecord,
} from './replica.ts';

const NOW_MS = 1_800_000_000_000;
const GIB = 1024 ** 3;

const deployment = (id: string, change: Partial<DeploymentRecord> = {}): DeploymentRecord => ({
  id,
  tenantId: 'ten',
  modelName: id,
  modelId: 'mdl',
  revisionId: 'rev',
  engine: 'llama',
  replicasMin: 1,
  replicasMax: 4,
  replicasWanted: 1,
  parallel: 4,
  contextLength: null,
  baseUrl: null,
  upstreamModel: null,
  weights: NO_WEIGHTS,
  replicaBytes: GIB,
  lastWantedAtMs: NOW_MS,
  scaledAtMs: NOW_MS,
  createdAtMs: NOW_MS,
  isRemoved: false,
  ...change,
});

const replica = (id: string, change: Partial<ReplicaRecord> = {}): ReplicaRecord => ({
  id,
  deploymentId: 'd',
  nodeId: 'a',
  state: 'ready',
  reason: null,
  url: null,
  engineKey: null,
  upstreamModel: null,
  contextLength: null,
  parallel: null,
  capabilities: [],
  restarts: 0,
  progress: null,
  running: 0,
  waiting: 0,
  changedAtMs: NOW_MS,
  ...change,
});

const node = (id: string, silentMs = 0): NodeRecord => ({
  id,
  name: id,
  region: 'local',
  zone: 'a',
  cores: 2,
  memoryBytes: 16 * GIB,
  version: '',
  isLeaving: false,
  lastSeenAtMs: NOW_MS - silentMs,
});

const view = (change: Partial<FleetView>): FleetView => ({
  deployments: [deployment('d')],
  replicas: [],
  nodes: [node('a')],
  nowMs: NOW_MS,
  heardSinceMs: 0,
  ...change,
});

const kinds = (steps: readonly Step[]): string[] => steps.map(({ kind }) => kind);

describe('planFleet', () => {
  it('leaves what is as it should be', () => {
    assert.deepEqual(planFleet(view({ replicas: [replica('r')] })), []);
  });

  it('keeps the busiest of too many and lets the others finish', () => {
    const replicas = [replica('idle'), replica('busy', { running: 3 })];

    assert.deepEqual(planFleet(view({ replicas })), [
      { kind: 'drain', replicaId: 'idle', reason: 'fewer replicas are wanted' },
    ]);
  });

  it('explains once why a replica has no place', () => {
    const waiting = replica('r', { nodeId: null, state: 'absent', reason: null });
    const nodes: NodeRecord[] = [];

    const steps = planFleet(view({ replicas: [waiting], nodes }));

    assert.deepEqual(steps, [{ kind: 'explain', replicaId: 'r', reason: 'no node is online' }]);
    const told = { ...waiting, reason: 'no node is online' };
    assert.deepEqual(planFleet(view({ replicas: [told], nodes })), []);
  });

  it('forgets a removed replica that no node has, and drains one that runs', () => {
    const deployments = [deployment('d', { isRemoved: true })];
    const replicas = [replica('runs'), replica('waits', { nodeId: null, state: 'absent' })];

    assert.deepEqual(kinds(planFleet(view({ deployments, replicas }))), ['drain', 'delete']);
  });

  it('does not call a node lost before control has listened long enough', () => {
    const silent = { replicas: [replica('r')], nodes: [node('a', 20_000)] };

    assert.deepEqual(kinds(planFleet(view({ ...silent, heardSinceMs: NOW_MS - 5_000 }))), []);
    assert.deepEqual(kinds(planFleet(view(silent))), ['lose']);
  });

  it('gives a node that is leaving nothing new', () => {
    const nodes = [{ ...node('a'), isLeaving: true }];

    const [step] = planFleet(view({ nodes }));

    assert.deepEqual(step, {
      kind: 'create',
      deploymentId: 'd',
      nodeId: null,
      reason: 'no node is online',
    });
  });

  it('replaces what a lost node had, on another one', () => {
    const replicas = [replica('r')];
    const nodes = [node('a', 70_000), node('b')];

    const steps = planFleet(view({ replicas, nodes }));

    assert.deepEqual(kinds(steps), ['delete', 'create']);
    assert.equal(steps[1]?.kind === 'create' ? steps[1].nodeId : null, 'b');
  });

  it('comes to rest, from any state, with the wanted number of replicas', () => {
    const anyReplica = fc.record({
      deploymentId: fc.constantFrom('d', 'e'),
      nodeId: fc.constantFrom('a', 'b', null),
      state: fc.constantFrom('absent', 'loading', 'ready', 'failed', 'draining'),
    });
    fc.assert(
      fc.property(fc.array(anyReplica, { maxLength: 8 }), fc.nat(3), (given, wantedCount) => {
        const wanted = wantedCount + 1;
        let current = view({
          deployments: [
            deployment('d', { replicasMin: wanted, replicasWanted: wanted }),
            deployment('e', { isRemoved: true }),
          ],
          replicas: given.map((change, index) => replica(`r${index}`, change)),
          nodes: [node('a'), node('b')],
        });
        for (let round = 0; round < 4; round += 1) current = carryOut(current);

        assert.deepEqual(planFleet(current), []);
        const active = current.replicas.filter(({ state }) => state !== 'draining');
        assert.equal(active.filter(({ deploymentId }) => deploymentId === 'd').length, wanted);
        assert.ok(active.every(({ nodeId }) => nodeId !== null));
        assert.ok(active.every(({ deploymentId }) => deploymentId === 'd'));
      }),
    );
  });
});

let made = 0;

/** The database in miniature. */
function carryOut(before: FleetView): FleetView {
  let replicas = [...before.replicas];
  const change = (id: string, to: Partial<ReplicaRecord>): void => {
    replicas = replicas.map((one) => (one.id === id ? { ...one, ...to } : one));
  };
  for (const step of planFleet(before)) {
    if (step.kind === 'create') {
      made += 1;
      const { deploymentId, nodeId } = step;
      replicas.push(replica(`new${made}`, { deploymentId, nodeId, state: 'absent' }));
    }
    if (step.kind === 'assign') change(step.replicaId, { nodeId: step.nodeId });
    if (step.kind === 'explain') change(step.replicaId, { reason: step.reason });
    if (step.kind === 'drain') change(step.replicaId, { state: 'draining' });
    if (step.kind === 'lose') change(step.replicaId, { state: 'failed', reason: step.reason });
    if (step.kind === 'delete') replicas = replicas.filter(({ id }) => id !== step.replicaId);
  }
  return { ...before, replicas };
}
