/** Records as the public shapes. Pure. */
import type { Deployment, Node } from './api.ts';
import { isOnline } from './plan.ts';
import {
  type DeploymentRecord,
  type NodeRecord,
  type ReplicaRecord,
  summarize,
} from './replica.ts';

export function toDeployment(
  deployment: DeploymentRecord,
  replicas: readonly ReplicaRecord[],
  nodes: readonly NodeRecord[],
): Deployment {
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  return {
    id: deployment.id,
    modelName: deployment.modelName,
    modelId: deployment.modelId,
    revisionId: deployment.revisionId,
    engine: deployment.engine,
    replicasMin: deployment.replicasMin,
    replicasMax: deployment.replicasMax,
    replicasWanted: deployment.replicasWanted,
    parallel: deployment.parallel,
    contextLength: deployment.contextLength,
    ...summarize(replicas),
    replicas: replicas.map((replica) => ({
      id: replica.id,
      nodeId: replica.nodeId,
      nodeName: names.get(replica.nodeId ?? '') ?? null,
      state: replica.state,
      reason: replica.reason,
      progress: replica.progress,
      restarts: replica.restarts,
      changedAt: new Date(replica.changedAtMs).toISOString(),
    })),
    createdAt: new Date(deployment.createdAtMs).toISOString(),
  };
}

export function toNode(node: NodeRecord, replicas: readonly ReplicaRecord[], nowMs: number): Node {
  return {
    id: node.id,
    name: node.name,
    region: node.region,
    zone: node.zone,
    cores: node.cores,
    memoryBytes: node.memoryBytes,
    version: node.version,
    isOnline: isOnline(node.lastSeenAtMs, nowMs),
    replicas: replicas.filter(({ nodeId }) => nodeId === node.id).length,
    lastSeenAt: new Date(node.lastSeenAtMs).toISOString(),
  };
}
