/**
 * What control should change so that the fleet becomes what the deployments ask for. Pure: a view
 * in, steps out; the same view gives the same steps, and a view where the steps are done gives none.
 */
import { placeReplica, type PlacementNode } from './placement.ts';
import {
  type DeploymentRecord,
  NODE_LOST_AFTER_MS,
  type NodeRecord,
  type ReplicaRecord,
} from './replica.ts';
import { wantedReplicas } from './scale.ts';

export type FleetView = Readonly<{
  /** Live ones, and removed ones that still have replicas. */
  deployments: readonly DeploymentRecord[];
  replicas: readonly ReplicaRecord[];
  nodes: readonly NodeRecord[];
  nowMs: number;
  /** Since when control listens: a node is not silent while nobody could hear it. */
  heardSinceMs: number;
}>;

export type Step =
  | Readonly<{ kind: 'scale'; deploymentId: string; wanted: number }>
  | Readonly<{
      kind: 'create';
      deploymentId: string;
      nodeId: string | null;
      reason: string | null;
    }>
  | Readonly<{ kind: 'assign'; replicaId: string; nodeId: string }>
  | Readonly<{ kind: 'explain'; replicaId: string; reason: string }>
  | Readonly<{ kind: 'drain'; replicaId: string; reason: string }>
  | Readonly<{ kind: 'lose'; replicaId: string; reason: string }>
  | Readonly<{ kind: 'delete'; replicaId: string }>;

/** Long enough for a machine to reboot its network, short enough for callers to notice little. */
export const REPLACE_AFTER_MS = 60_000;

export function planFleet(view: FleetView): Step[] {
  const online = view.nodes.filter(
    ({ lastSeenAtMs, isLeaving }) => !isLeaving && isOnline(lastSeenAtMs, view.nowMs),
  );
  const onlineIds = new Set(online.map(({ id }) => id));
  const room = createRoom(view, online);
  const steps: Step[] = [];
  for (const deployment of view.deployments) {
    const replicas = view.replicas.filter(({ deploymentId }) => deploymentId === deployment.id);
    const lost = lostSteps(replicas, view, onlineIds);
    const deletedIds = new Set(lost.filter(isDelete).map(({ replicaId }) => replicaId));
    const kept = replicas.filter(({ id }) => !deletedIds.has(id));
    steps.push(...lost, ...countSteps(deployment, kept, room, view.nowMs));
  }
  return steps;
}

export function isOnline(lastSeenAtMs: number, nowMs: number): boolean {
  return nowMs - lastSeenAtMs < NODE_LOST_AFTER_MS;
}

function silentMs(node: NodeRecord | undefined, view: FleetView): number {
  return view.nowMs - Math.max(node?.lastSeenAtMs ?? 0, view.heardSinceMs);
}

function isDelete(step: Step): step is Extract<Step, { kind: 'delete' }> {
  return step.kind === 'delete';
}

/** A lost node's replicas fail at once and are replaced after a while; what was draining is gone. */
function lostSteps(
  replicas: readonly ReplicaRecord[],
  view: FleetView,
  onlineIds: ReadonlySet<string>,
): Step[] {
  return replicas.flatMap((replica): Step[] => {
    const { nodeId } = replica;
    const node = view.nodes.find(({ id }) => id === nodeId);
    if (nodeId === null || silentMs(node, view) < NODE_LOST_AFTER_MS) return [];
    const isReplaceable = silentMs(node, view) >= REPLACE_AFTER_MS && onlineIds.size > 0;
    if (replica.state === 'draining' || isReplaceable) {
      return [{ kind: 'delete', replicaId: replica.id }];
    }
    const reason = `node ${node?.name ?? nodeId} does not answer`;
    if (replica.state === 'failed' && replica.reason === reason) return [];
    return [{ kind: 'lose', replicaId: replica.id, reason }];
  });
}

function countSteps(
  deployment: DeploymentRecord,
  replicas: readonly ReplicaRecord[],
  room: Room,
  nowMs: number,
): Step[] {
  const active = replicas.filter(({ state }) => state !== 'draining');
  if (deployment.isRemoved) {
    return active.map((replica) => stopStep(replica, 'the deployment was removed'));
  }
  const wanted = wantedReplicas({ ...deployment, replicas: active, nowMs });
  const steps: Step[] =
    wanted === deployment.replicasWanted
      ? []
      : [{ kind: 'scale', deploymentId: deployment.id, wanted }];
  const surplus = active.toSorted(byWorth).slice(wanted);
  const reason = wanted === 0 ? 'nobody asked for it in a while' : 'fewer replicas are wanted';
  steps.push(...surplus.map((replica) => stopStep(replica, reason)));
  const kept = active.filter((replica) => !surplus.includes(replica));
  steps.push(...kept.flatMap((replica) => assignSteps(replica, deployment, room)));
  for (let count = active.length; count < wanted; count += 1) {
    const placement = room.place(deployment);
    steps.push({
      kind: 'create',
      deploymentId: deployment.id,
      nodeId: placement.kind === 'placed' ? placement.nodeId : null,
      reason: placement.kind === 'placed' ? null : placement.reason,
    });
  }
  return steps;
}

function assignSteps(replica: ReplicaRecord, deployment: DeploymentRecord, room: Room): Step[] {
  if (replica.nodeId !== null) return [];
  const placement = room.place(deployment);
  if (placement.kind === 'placed') {
    return [{ kind: 'assign', replicaId: replica.id, nodeId: placement.nodeId }];
  }
  if (placement.reason === replica.reason) return [];
  return [{ kind: 'explain', replicaId: replica.id, reason: placement.reason }];
}

/** What no node has heard of is simply forgotten; what runs is asked to finish first. */
function stopStep(replica: ReplicaRecord, reason: string): Step {
  if (replica.nodeId === null) return { kind: 'delete', replicaId: replica.id };
  return { kind: 'drain', replicaId: replica.id, reason };
}

const WORTH = ['ready', 'loading', 'absent', 'failed', 'draining'];

/** Most worth keeping first: by state, then the busiest, then the oldest. */
function byWorth(left: ReplicaRecord, right: ReplicaRecord): number {
  return (
    WORTH.indexOf(left.state) - WORTH.indexOf(right.state) ||
    Number(left.nodeId === null) - Number(right.nodeId === null) ||
    right.running + right.waiting - (left.running + left.waiting) ||
    (left.id < right.id ? -1 : 1)
  );
}

type Room = Readonly<{ place: (deployment: DeploymentRecord) => ReturnType<typeof placeReplica> }>;

/** Free memory by node, which each placement of this plan reduces. */
function createRoom(view: FleetView, online: readonly NodeRecord[]): Room {
  const bytesOf = new Map(view.deployments.map(({ id, replicaBytes }) => [id, replicaBytes]));
  const placed = new Map<string, { deploymentId: string; bytes: number }[]>(
    online.map(({ id }) => [
      id,
      view.replicas
        .filter(({ nodeId }) => nodeId === id)
        .map(({ deploymentId }) => ({ deploymentId, bytes: bytesOf.get(deploymentId) ?? 0 })),
    ]),
  );
  return {
    place: ({ id, replicaBytes }) => {
      const replica = { deploymentId: id, bytes: replicaBytes };
      const nodes: PlacementNode[] = online.map((node) => ({
        ...node,
        placed: placed.get(node.id) ?? [],
      }));
      const placement = placeReplica(nodes, replica);
      if (placement.kind === 'placed') placed.get(placement.nodeId)?.push(replica);
      return placement;
    },
  };
}
