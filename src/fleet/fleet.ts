/**
 * The fleet: nodes that serve, deployments (the wish that a revision is served) and replicas (running
 * copies). Owns where replicas run and how many there are; the nodes own how they run (see agent/).
 * Decisions are pure (`plan.ts`, `placement.ts`, `scale.ts`) and carried out under a lock, so that
 * several controls may run them at once. Routing belongs to the gateway, weights to the hub.
 *
 * Promises: a tenant sees and removes only its own deployments; a removed deployment finishes what it
 * is answering; what a node does not report it does not run.
 */
import assert from 'node:assert/strict';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { Deployment, DeploymentCreate, Node } from './api.ts';
import { type ChangeSignal, createChangeSignal } from './change-signal.ts';
import { createDeployment } from './deploy.ts';
import { failFleet } from './errors.ts';
import { type FleetFeed, toFleetFeed } from './feed-rows.ts';
import type { FleetModels } from './models.ts';
import { desiredOf, takeReport } from './node-sync.ts';
import { isOnline } from './plan.ts';
import { reconcileFleet } from './reconcile.ts';
import type { DeploymentRecord } from './replica.ts';
import * as replicaStore from './replica-store.ts';
import * as store from './store.ts';
import type { NodeReport, SyncAnswer } from './sync.ts';
import { toDeployment, toNode } from './view.ts';

export type LogEntry = Readonly<{ id: number; replicaId: string; at: Date; line: string }>;

export type Fleet = Readonly<{
  /**
   * Starts one replica at once, so that its owner sees whether it runs; with `startsAsleep` and no
   * least replicas the first call does. Raises `deployment.*`. Only the operator may name a server of
   * its own with `baseUrl`.
   */
  createDeployment: (
    owner: { tenantId: string; isOperator: boolean },
    wish: DeploymentCreate,
    how?: { startsAsleep: boolean },
  ) => Promise<Deployment>;
  listDeployments: (page: {
    tenantId: string;
    afterId: string;
    limit: number;
  }) => Promise<readonly Deployment[]>;
  /** Raises `deployment.unknown`, also for another tenant's. */
  getDeployment: (key: { tenantId: string; id: string }) => Promise<Deployment>;
  removeDeployment: (key: { tenantId: string; id: string }) => Promise<void>;
  /** Lines after `afterId`, oldest first; at most the last `limit`. */
  listLogs: (page: {
    tenantId: string;
    deploymentId: string;
    afterId: number;
    limit: number;
  }) => Promise<readonly LogEntry[]>;
  listNodes: () => Promise<readonly Node[]>;
  /** A node's report. Answers at once when the node should run something else than it knows. */
  sync: (report: NodeReport, signal: AbortSignal) => Promise<SyncAnswer>;
  /** Somebody asks for a sleeping deployment. Raises `deployment.unknown`. */
  wake: (deploymentId: string) => Promise<void>;
  listForFeed: () => Promise<FleetFeed>;
  /** With a transaction, asked inside it: another connection would wait for it to end. */
  isDeployed: (modelId: string, tx?: Database) => Promise<boolean>;
  countNodes: () => Promise<number>;
  countReadyReplicas: () => Promise<number>;
  /** Plans once. The loop of `start` does it whenever something changes and every few seconds. */
  reconcile: () => Promise<void>;
  start: () => { stop: () => Promise<void> };
}>;

export type FleetOptions = Readonly<{
  database: Database;
  models: FleetModels;
  clock: Clock;
  log: Log;
}>;

/** A node's report is held open this long when nothing changes; below every proxy's idle limit. */
const SYNC_HOLD_MS = 5_000;
/** Another control's decisions are noticed within this. */
const SYNC_LOOK_MS = 1_000;
/** Lost nodes and cool-downs are noticed within this even when nothing else happens. */
const RECONCILE_EVERY_MS = 2_000;

export function createFleet(options: FleetOptions): Fleet {
  const { database, clock, log } = options;
  const changes = createChangeSignal();
  /** A control that was away must hear from the nodes before it calls them lost. */
  const heardSinceMs = clock.nowMs();

  const reconcile = async (): Promise<void> => {
    const steps = await reconcileFleet({ database, log, nowMs: clock.nowMs(), heardSinceMs });
    if (steps.length > 0) changes.notify();
  };

  const reconcileUntil = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await reconcile().catch((error: unknown) => log.error('fleet.reconcile_failed', { error }));
      await changes.wait(RECONCILE_EVERY_MS, signal);
    }
  };

  return {
    ...deploymentCalls(options, reconcile),
    ...nodeCalls(options, changes),
    wake: async (deploymentId) => {
      const at = now(clock);
      if (!(await store.wakeDeployment(database, { deploymentId, at }))) {
        throw failFleet('deployment.unknown', `There is no deployment ${deploymentId}.`);
      }
      await reconcile();
    },
    listForFeed: async () => {
      const deployments = await store.listServedDeployments(database);
      const replicas = await replicaStore.listReplicas(database);
      return toFleetFeed({ deployments, replicas, nodes: await replicaStore.listNodes(database) });
    },
    isDeployed: (modelId, tx = database) => store.isModelDeployed(tx, modelId),
    reconcile,
    start: () => {
      const stopping = new AbortController();
      const loop = reconcileUntil(stopping.signal);
      return {
        stop: async () => {
          stopping.abort();
          await loop;
        },
      };
    },
  };
}

function now(clock: Clock): Date {
  return new Date(clock.nowMs());
}

/** What people do with deployments. */
function deploymentCalls(options: FleetOptions, reconcile: () => Promise<void>) {
  const { database, clock } = options;

  const find = async (key: { tenantId: string; id: string }): Promise<DeploymentRecord> => {
    const found = await store.findDeployment(database, key);
    if (found === null) throw failFleet('deployment.unknown', `There is no deployment ${key.id}.`);
    return found;
  };

  const show = async (found: readonly DeploymentRecord[]): Promise<Deployment[]> => {
    const ids = found.map(({ id }) => id);
    const replicas = await replicaStore.listReplicasOf(database, ids);
    const nodes = await replicaStore.listNodes(database);
    return found.map((deployment) => {
      const own = replicas.filter(({ deploymentId }) => deploymentId === deployment.id);
      return toDeployment(deployment, own, nodes);
    });
  };

  const get: Fleet['getDeployment'] = async (key) => {
    const [deployment] = await show([await find(key)]);
    assert(deployment !== undefined, 'one record is shown as one deployment');
    return deployment;
  };

  return {
    createDeployment: async (owner, wish, how) => {
      const startsAsleep = how?.startsAsleep ?? false;
      const id = await createDeployment({ ...options, owner, wish, startsAsleep });
      await reconcile();
      return get({ tenantId: owner.tenantId, id });
    },
    listDeployments: async (page) => show(await store.listDeployments(database, page)),
    getDeployment: get,
    removeDeployment: async (key) => {
      await find(key);
      await store.removeDeployment(database, { ...key, at: now(clock) });
      await reconcile();
    },
    listLogs: async ({ tenantId, ...page }) => {
      await find({ tenantId, id: page.deploymentId });
      return replicaStore.listLogs(database, page);
    },
  } satisfies Partial<Fleet>;
}

/** What nodes do, and what is known of them. */
function nodeCalls(options: FleetOptions, changes: ChangeSignal) {
  const { database, clock } = options;
  return {
    listNodes: async () => {
      const nodes = await replicaStore.listNodes(database);
      const replicas = await replicaStore.listReplicas(database);
      return nodes.map((node) => toNode(node, replicas, clock.nowMs()));
    },
    countNodes: async () => {
      const nodes = await replicaStore.listNodes(database);
      return nodes.filter(({ lastSeenAtMs }) => isOnline(lastSeenAtMs, clock.nowMs())).length;
    },
    countReadyReplicas: async () => {
      const replicas = await replicaStore.listReplicas(database);
      return replicas.filter(({ state }) => state === 'ready').length;
    },
    sync: async (report, signal) => {
      const { nodeId, hasChanged } = await takeReport(database, report, clock.nowMs());
      if (hasChanged) changes.notify();
      const untilMs = clock.monotonicMs() + SYNC_HOLD_MS;
      for (;;) {
        const answer = await desiredOf(database, nodeId);
        const leftMs = untilMs - clock.monotonicMs();
        if (answer.tag !== report.knownTag || leftMs <= 0 || signal.aborted) return answer;
        await changes.wait(Math.min(SYNC_LOOK_MS, leftMs), signal);
      }
    },
  } satisfies Partial<Fleet>;
}
