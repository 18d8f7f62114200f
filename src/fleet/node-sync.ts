/** Takes a node's report into the database and says what the node should run. */
import { createHash } from 'node:crypto';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { type DeploymentRecord, type ReplicaRecord, applyReport } from './replica.ts';
import * as replicas from './replica-store.ts';
import * as deployments from './store.ts';
import type { DesiredReplica, NodeReport, SyncAnswer } from './sync.ts';

export type TakenReport = Readonly<{ nodeId: string; hasChanged: boolean }>;

export async function takeReport(
  database: Database,
  report: NodeReport,
  nowMs: number,
): Promise<TakenReport> {
  const at = new Date(nowMs);
  const reports = new Map(report.replicas.map((replica) => [replica.id, replica]));
  return transaction(database, async (tx) => {
    const nodeId = await replicas.upsertNode(tx, { newId: createId('nod', nowMs), report, at });
    // Lines first: those of a replica that this report ends would find no replica any more.
    if (report.logs.length > 0) await replicas.insertLogs(tx, report.logs);
    let hasChanged = false;
    for (const known of await replicas.lockReplicasOnNode(tx, nodeId)) {
      const outcome = applyReport(known, reports.get(known.id), nowMs);
      if (outcome.kind === 'gone') await replicas.deleteReplica(tx, known.id);
      if (outcome.kind === 'changed') await replicas.updateReplica(tx, outcome.replica);
      hasChanged ||= outcome.kind !== 'unchanged';
    }
    const activeIds = report.replicas.filter(({ wasActive }) => wasActive).map(({ id }) => id);
    if (activeIds.length > 0) {
      await deployments.touchDeployments(tx, { replicaIds: activeIds, at });
    }
    return { nodeId, hasChanged };
  });
}

/** What this node should run now. The tag changes whenever the answer does. */
export async function desiredOf(database: Database, nodeId: string): Promise<SyncAnswer> {
  const placed = (await replicas.listReplicas(database)).filter(
    (replica) => replica.nodeId === nodeId,
  );
  const served = await deployments.listServedDeployments(database);
  const byId = new Map(served.map((deployment) => [deployment.id, deployment]));
  const desired = placed.flatMap((replica) => {
    const deployment = byId.get(replica.deploymentId);
    return deployment === undefined ? [] : [toDesired(replica, deployment)];
  });
  const tag = createHash('sha256').update(JSON.stringify(desired)).digest('hex').slice(0, 32);
  return { nodeId, tag, replicas: desired };
}

function toDesired(replica: ReplicaRecord, deployment: DeploymentRecord): DesiredReplica {
  return {
    id: replica.id,
    deploymentId: deployment.id,
    modelName: deployment.modelName,
    modelId: deployment.modelId,
    revisionId: deployment.revisionId,
    engine: deployment.engine,
    parallel: deployment.parallel,
    contextLength: deployment.contextLength,
    baseUrl: deployment.baseUrl,
    upstreamModel: deployment.upstreamModel,
    weights: [...deployment.weights.weights],
    adapter: deployment.weights.adapter,
    isDraining: replica.state === 'draining',
  };
}
