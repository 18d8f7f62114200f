/**
 * What a node and control say to each other: `POST /internal/v1/nodes/sync`. The node tells all it
 * runs, control answers with all it should run. Both sides are whole states, never differences, so
 * a lost message costs time and nothing else.
 */
import { z } from 'zod';

/** More would not fit one machine. */
const REPLICAS_MAX = 256;
/** Per report; what a node has beyond that follows in the next one. */
export const LOG_LINES_MAX = 500;
export const LOG_LINE_LENGTH_MAX = 2000;

export const replicaReportSchema = z.object({
  id: z.string(),
  state: z.enum(['absent', 'loading', 'ready', 'draining', 'failed']),
  reason: z.string().max(1000).nullable(),
  progress: z.number().min(0).max(1).nullable(),
  url: z.string().nullable(),
  engineKey: z.string().nullable(),
  info: z
    .object({
      model: z.string(),
      contextLength: z.number().int().nullable(),
      parallel: z.number().int(),
      capabilities: z.array(z.string()),
    })
    .nullable(),
  restarts: z.number().int(),
  running: z.number().int(),
  waiting: z.number().int(),
  /** It worked on a request since the last report. */
  wasActive: z.boolean(),
});
export type ReplicaReport = z.infer<typeof replicaReportSchema>;

export const logLineSchema = z.object({
  replicaId: z.string(),
  atMs: z.number().int(),
  line: z.string().max(LOG_LINE_LENGTH_MAX),
});
export type LogLine = z.infer<typeof logLineSchema>;

export const nodeReportSchema = z.object({
  name: z.string().min(1).max(200),
  region: z.string().min(1).max(100),
  zone: z.string().min(1).max(100),
  cores: z.number().int().min(1),
  memoryBytes: z.number().int().min(0),
  version: z.string().max(100),
  /** It is stopping: it finishes what it answers and takes nothing new. */
  isLeaving: z.boolean().default(false),
  replicas: z.array(replicaReportSchema).max(REPLICAS_MAX),
  logs: z.array(logLineSchema).max(LOG_LINES_MAX),
  /** The answer this node last acted on; control answers at once when it would say something else. */
  knownTag: z.string().nullable(),
});
export type NodeReport = z.infer<typeof nodeReportSchema>;

const weightsFileSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.number().int(),
  path: z.string(),
});

export const desiredReplicaSchema = z.object({
  id: z.string(),
  deploymentId: z.string(),
  modelName: z.string(),
  modelId: z.string(),
  revisionId: z.string(),
  engine: z.enum(['llama', 'openai']),
  parallel: z.number().int(),
  contextLength: z.number().int().nullable(),
  baseUrl: z.string().nullable(),
  upstreamModel: z.string().nullable(),
  /** The files of the weights; more than one when the model is split. */
  weights: z.array(weightsFileSchema),
  adapter: weightsFileSchema.nullable(),
  /** Finish what runs, then stop. */
  isDraining: z.boolean(),
});
export type DesiredReplica = z.infer<typeof desiredReplicaSchema>;

export const syncAnswerSchema = z.object({
  nodeId: z.string(),
  tag: z.string(),
  replicas: z.array(desiredReplicaSchema),
});
export type SyncAnswer = z.infer<typeof syncAnswerSchema>;
