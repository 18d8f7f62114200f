/**
 * Which node gets a replica. Pure. A node qualifies when it answers and the replica's estimated
 * memory fits beside what is already placed there; among those the one with fewest replicas of the
 * same deployment wins (a lost node then costs least), then the one with most free memory.
 */
import type { DeploymentWeights } from './replica.ts';

export type PlacementNode = Readonly<{
  id: string;
  memoryBytes: number;
  /** What is already placed there. */
  placed: readonly Readonly<{ deploymentId: string; bytes: number }>[];
}>;

export type Placement =
  | Readonly<{ kind: 'placed'; nodeId: string }>
  | Readonly<{ kind: 'refused'; reason: string }>;

/** The rest is for the operating system, control, gateway and database on a shared machine. */
const USABLE_SHARE = 0.9;

export function placeReplica(
  nodes: readonly PlacementNode[],
  replica: Readonly<{ deploymentId: string; bytes: number }>,
): Placement {
  if (nodes.length === 0) return { kind: 'refused', reason: 'no node is online' };
  const free = (node: PlacementNode): number =>
    node.memoryBytes * USABLE_SHARE - node.placed.reduce((sum, { bytes }) => sum + bytes, 0);
  const siblings = (node: PlacementNode): number =>
    node.placed.filter(({ deploymentId }) => deploymentId === replica.deploymentId).length;
  const fitting = nodes
    .filter((node) => free(node) >= replica.bytes)
    .toSorted((a, b) => siblings(a) - siblings(b) || free(b) - free(a) || (a.id < b.id ? -1 : 1));
  const [best] = fitting;
  if (best !== undefined) return { kind: 'placed', nodeId: best.id };
  const largest = Math.max(0, ...nodes.map(free));
  return {
    kind: 'refused',
    reason: `no node has room: needs about ${gibibytes(replica.bytes)}, the most that is free is ${gibibytes(largest)}`,
  };
}

/** A runtime, its compute buffers and its HTTP server, measured with a model of no size. */
const ENGINE_BYTES = 200 * 1024 * 1024;

/** Where neither the request nor the file says; engines then choose something similar. */
const CONTEXT_LENGTH_FALLBACK = 4096;

/**
 * What one replica will take. The cache per token is not in any header we read, but grows close to
 * the cube root of the parameters in models of today (0.6 B: about 84 KB, 8 B: 200 KB, 70 B: 410 KB).
 */
export function estimateReplicaBytes(input: {
  weights: DeploymentWeights;
  parameters: number | null;
  contextLength: number | null;
  parallel: number;
}): number {
  const { weights, adapter } = input.weights;
  if (weights.length === 0) return 0;
  const weightsBytes = weights.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const parameters = input.parameters ?? weightsBytes;
  const bytesPerToken = 100 * Math.cbrt(parameters);
  const tokens = (input.contextLength ?? CONTEXT_LENGTH_FALLBACK) * input.parallel;
  const files = weightsBytes + (adapter?.sizeBytes ?? 0);
  return Math.round(ENGINE_BYTES + files * 1.05 + tokens * bytesPerToken);
}

function gibibytes(bytes: number): string {
  return `${Math.max(0, bytes / 1024 ** 3).toFixed(1)} GiB`;
}
