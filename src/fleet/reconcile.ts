/** Carries out the plan: reads the fleet under locks, plans, writes. Safe with any number of controls. */
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import { type Step, planFleet } from './plan.ts';
import * as replicas from './replica-store.ts';
import * as deployments from './store.ts';

/** The steps that were taken; empty when another control is planning or nothing had to change. */
export async function reconcileFleet(parts: {
  database: Database;
  log: Log;
  nowMs: number;
  heardSinceMs: number;
}): Promise<readonly Step[]> {
  const steps = await transaction(parts.database, async (tx): Promise<readonly Step[]> => {
    if (!(await deployments.tryReconcileLock(tx))) return [];
    await deployments.lockFleet(tx);
    const view = {
      deployments: await deployments.listServedDeployments(tx),
      replicas: await replicas.listReplicas(tx),
      nodes: await replicas.listNodes(tx),
      nowMs: parts.nowMs,
      heardSinceMs: parts.heardSinceMs,
    };
    const plan = planFleet(view);
    for (const step of plan) await takeStep(tx, step, parts.nowMs);
    return plan;
  });
  for (const step of steps) parts.log.info(`fleet.${step.kind}`, step);
  return steps;
}

async function takeStep(tx: Database, step: Step, nowMs: number): Promise<void> {
  const at = new Date(nowMs);
  switch (step.kind) {
    case 'scale':
      return deployments.setWanted(tx, { ...step, at });
    case 'create':
      return replicas.insertReplica(tx, {
        id: createId('rep', nowMs),
        deploymentId: step.deploymentId,
        nodeId: step.nodeId,
        reason: step.reason ?? 'waiting for its node',
        changedAtMs: nowMs,
      });
    case 'assign':
      return replicas.setReplicaState(tx, {
        ...step,
        state: 'absent',
        reason: 'waiting for its node',
        at,
      });
    case 'explain':
      return replicas.setReplicaState(tx, { ...step, state: 'absent', at });
    case 'drain':
      return replicas.setReplicaState(tx, { ...step, state: 'draining', at });
    case 'lose':
      return replicas.setReplicaState(tx, { ...step, state: 'failed', at });
    case 'delete':
      return replicas.deleteReplica(tx, step.replicaId);
  }
}
