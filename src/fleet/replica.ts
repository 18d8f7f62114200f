/**
 * What control knows of deployments, replicas and nodes, and what follows from it. Pure: the state a
 * deployment shows, and how a node's report changes a replica.
 */
import type { ReplicaState } from './api.ts';
import type { ReplicaReport } from './sync.ts';

/** A file that an engine loads, addressed by content. */
export type WeightsFile = Readonly<{ sha256: string; sizeBytes: number; path: string }>;

/** What the engine of a revision needs on its disk; nothing for a server that has its own weights. */
export type DeploymentWeights = Readonly<{
  /** More than one when the model is split; the engine opens the first and finds the rest beside it. */
  weights: readonly WeightsFile[];
  adapter: WeightsFile | null;
}>;

export const NO_WEIGHTS: DeploymentWeights = { weights: [], adapter: null };

export type DeploymentRecord = Readonly<{
  tenantId: string;
  id: string;
  modelName: string;
  modelId: string;
  revisionId: string;
  engine: 'llama' | 'openai';
  replicasMin: number;
  replicasMax: number;
  replicasWanted: number;
  parallel: number;
  contextLength: number | null;
  baseUrl: string | null;
  upstreamModel: string | null;
  weights: DeploymentWeights;
  replicaBytes: number;
  lastWantedAtMs: number;
  scaledAtMs: number;
  createdAtMs: number;
  isRemoved: boolean;
}>;

export type ReplicaRecord = Readonly<{
  id: string;
  deploymentId: string;
  nodeId: string | null;
  state: ReplicaState;
  reason: string | null;
  url: string | null;
  engineKey: string | null;
  upstreamModel: string | null;
  contextLength: number | null;
  parallel: number | null;
  capabilities: readonly string[];
  restarts: number;
  progress: number | null;
  running: number;
  waiting: number;
  changedAtMs: number;
}>;

export type NodeRecord = Readonly<{
  id: string;
  name: string;
  region: string;
  zone: string;
  cores: number;
  memoryBytes: number;
  version: string;
  isLeaving: boolean;
  lastSeenAtMs: number;
}>;

/** A node reports at least every five seconds; three missed reports mean it is gone. */
export const NODE_LOST_AFTER_MS = 15_000;

/** Best first: what a caller would be served by, then what is on its way, then why there is nothing. */
const STATE_ORDER: readonly ReplicaState[] = ['ready', 'loading', 'failed', 'draining', 'absent'];

/** The state a deployment shows is the best of its replicas'; it sleeps when it has none. */
export function summarize(replicas: readonly Pick<ReplicaRecord, 'state' | 'reason'>[]): {
  state: ReplicaState;
  reason: string | null;
} {
  for (const state of STATE_ORDER) {
    const found = replicas.find((replica) => replica.state === state);
    if (found !== undefined) return { state, reason: state === 'ready' ? null : found.reason };
  }
  return { state: 'absent', reason: 'sleeping until a request wakes it' };
}

export type ReportOutcome =
  | Readonly<{ kind: 'unchanged' }>
  | Readonly<{ kind: 'gone' }>
  | Readonly<{ kind: 'changed'; replica: ReplicaRecord }>;

/**
 * Folds a node's word on one of its replicas into the record. A node that does not mention a replica
 * does not run it: it has stopped it, or it has just started itself. Draining is control's decision
 * and no report takes it back.
 */
export function applyReport(
  replica: ReplicaRecord,
  report: ReplicaReport | undefined,
  nowMs: number,
): ReportOutcome {
  if (replica.state === 'draining') {
    const stopped = report === undefined || report.state === 'absent';
    return stopped ? { kind: 'gone' } : { kind: 'unchanged' };
  }
  const next = report === undefined ? forgotten(replica) : reported(replica, report);
  if (isSame(replica, next)) return { kind: 'unchanged' };
  const changedAtMs = replica.state === next.state ? replica.changedAtMs : nowMs;
  return { kind: 'changed', replica: { ...next, changedAtMs } };
}

function forgotten(replica: ReplicaRecord): ReplicaRecord {
  if (replica.state === 'absent') return replica;
  return {
    ...replica,
    state: 'absent',
    reason: 'waiting for its node',
    url: null,
    engineKey: null,
    progress: null,
    running: 0,
    waiting: 0,
  };
}

function reported(replica: ReplicaRecord, report: ReplicaReport): ReplicaRecord {
  return {
    ...replica,
    state: report.state,
    reason: report.reason,
    progress: report.progress,
    url: report.url,
    engineKey: report.engineKey,
    upstreamModel: report.info?.model ?? null,
    contextLength: report.info?.contextLength ?? null,
    parallel: report.info?.parallel ?? null,
    capabilities: report.info?.capabilities ?? [],
    restarts: report.restarts,
    running: report.running,
    waiting: report.waiting,
  };
}

function isSame(left: ReplicaRecord, right: ReplicaRecord): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
