/** The fleet's part of the feed, as plain values. Pure. Shapes match the gateway's, which is above us. */
import type { ReplicaState } from './api.ts';
import {
  type DeploymentRecord,
  type NodeRecord,
  type ReplicaRecord,
  summarize,
} from './replica.ts';

export type FleetFeed = Readonly<{
  deployments: readonly Readonly<{
    id: string;
    tenantId: string;
    modelName: string;
    modelId: string;
    /** False while it sleeps; a request should wake it. */
    isWanted: boolean;
    state: ReplicaState;
    reason: string | null;
  }>[];
  replicas: readonly Readonly<{
    id: string;
    deploymentId: string;
    nodeId: string | null;
    region: string;
    url: string;
    engineKey: string | null;
    upstreamModel: string | null;
    parallel: number;
    contextLength: number | null;
    capabilities: readonly string[];
    state: 'ready' | 'draining';
  }>[];
}>;

export function toFleetFeed(fleet: {
  deployments: readonly DeploymentRecord[];
  replicas: readonly ReplicaRecord[];
  nodes: readonly NodeRecord[];
}): FleetFeed {
  const regions = new Map(fleet.nodes.map(({ id, region }) => [id, region]));
  const deployments = new Map(fleet.deployments.map((deployment) => [deployment.id, deployment]));
  return {
    deployments: fleet.deployments
      .filter(({ isRemoved }) => !isRemoved)
      .map((deployment) => ({
        id: deployment.id,
        tenantId: deployment.tenantId,
        modelName: deployment.modelName,
        modelId: deployment.modelId,
        isWanted: deployment.replicasWanted > 0,
        ...summarize(fleet.replicas.filter((replica) => replica.deploymentId === deployment.id)),
      })),
    replicas: fleet.replicas.flatMap((replica): FleetFeed['replicas'] => {
      const { state, url } = replica;
      const deployment = deployments.get(replica.deploymentId);
      if (deployment === undefined || url === null) return [];
      if (state !== 'ready' && state !== 'draining') return [];
      return [
        {
          id: replica.id,
          deploymentId: replica.deploymentId,
          nodeId: replica.nodeId,
          region: regions.get(replica.nodeId ?? '') ?? '',
          url,
          engineKey: replica.engineKey,
          upstreamModel: replica.upstreamModel,
          parallel: replica.parallel ?? deployment.parallel,
          contextLength: replica.contextLength ?? deployment.contextLength,
          capabilities: replica.capabilities,
          state,
        },
      ];
    }),
  };
}
