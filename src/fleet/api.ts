/** The public shapes of the fleet: deployments, replicas and nodes. */
import { z } from '@hono/zod-openapi';

export const replicaStateSchema = z.enum(['absent', 'loading', 'ready', 'draining', 'failed']);
export type ReplicaState = z.infer<typeof replicaStateSchema>;

export const replicaSchema = z
  .object({
    id: z.string(),
    nodeId: z.string().nullable(),
    nodeName: z.string().nullable(),
    state: replicaStateSchema,
    /** Why it is in this state, for a person: "pulling weights", "engine exited with signal SIGSEGV". */
    reason: z.string().nullable(),
    /** 0 to 1 while loading, where known. */
    progress: z.number().nullable(),
    restarts: z.number().int(),
    changedAt: z.iso.datetime(),
  })
  .openapi('Replica');
export type Replica = z.infer<typeof replicaSchema>;

export const deploymentSchema = z
  .object({
    id: z.string(),
    /** The name callers put in `model`. */
    modelName: z.string(),
    modelId: z.string(),
    revisionId: z.string(),
    engine: z.enum(['llama', 'openai']),
    replicasMin: z.number().int(),
    replicasMax: z.number().int(),
    replicasWanted: z.number().int(),
    parallel: z.number().int(),
    contextLength: z.number().int().nullable(),
    /** The best state among its replicas; absent when it sleeps at zero. */
    state: replicaStateSchema,
    reason: z.string().nullable(),
    replicas: z.array(replicaSchema),
    createdAt: z.iso.datetime(),
  })
  .openapi('Deployment');
export type Deployment = z.infer<typeof deploymentSchema>;

export const deploymentCreateSchema = z
  .strictObject({
    /** `owner/name` in the hub. */
    model: z.string().min(3).max(200),
    /** Defaults to the latest revision. */
    revisionId: z.string().optional(),
    /** What callers ask for; defaults to the model's own name. */
    modelName: z.string().min(1).max(200).optional(),
    engine: z.enum(['llama', 'openai']).default('llama'),
    replicasMin: z.number().int().min(0).max(64).default(1),
    replicasMax: z.number().int().min(1).max(64).default(1),
    /** Requests one replica works on at a time. */
    parallel: z.number().int().min(1).max(256).default(4),
    contextLength: z.number().int().min(128).max(1_048_576).nullable().default(null),
    /** For engine `openai`: where the server is and what it calls the model. */
    baseUrl: z.url().optional(),
    upstreamModel: z.string().max(200).optional(),
  })
  .openapi('DeploymentCreate');
export type DeploymentCreate = z.input<typeof deploymentCreateSchema>;

export const nodeSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    region: z.string(),
    zone: z.string(),
    cores: z.number().int(),
    memoryBytes: z.number().int(),
    version: z.string(),
    /** Seen in the last 15 seconds. */
    isOnline: z.boolean(),
    replicas: z.number().int(),
    lastSeenAt: z.iso.datetime(),
  })
  .openapi('Node');
export type Node = z.infer<typeof nodeSchema>;
