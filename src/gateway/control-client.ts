/**
 * The few small calls a gateway makes to control beside the feed and the journal: who a key is, money
 * for a tenant, waking a deployment, a sign of life. Each has a timeout; when control does not answer
 * they all raise `control_unavailable`, and what a gateway may do without control is decided elsewhere.
 */
import { Agent, request } from 'undici';
import { z } from 'zod';
import { COVER_STOPS } from '#ledger/covering.ts';
import { messageOf } from '#platform/error.ts';
import { failRequest } from './errors.ts';
import type { LimitControl } from './limits/limiter.ts';

const keyIdentitySchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    projectId: z.string(),
    /** In which its tenant is charged; an older control does not say. */
    currency: z.string().optional(),
    /** Null means every model its tenant may call. */
    models: z.array(z.string()).readonly().nullable(),
    expiresAtMs: z.number().nullable(),
    role: z.string(),
    /** Something that the key made calls for it, from our side of the front door. */
    actsFor: z.enum(['batch', 'task']).optional(),
  })
  .readonly();

export type KeyIdentity = z.infer<typeof keyIdentitySchema>;

const stoppedKeySchema = z
  .object({
    stopped: z.enum(['revoked', 'expired']),
    id: z.string(),
    tenantId: z.string(),
    projectId: z.string(),
  })
  .readonly();

/** It opens nothing any more; its owner can see that it was tried. */
export type StoppedKey = z.infer<typeof stoppedKeySchema>;

const keyAnswerSchema = z
  .object({ key: keyIdentitySchema.nullable(), stopped: stoppedKeySchema.optional() })
  .transform(({ key, stopped }) => key ?? stopped ?? null);

const amountSchema = z
  .string()
  .regex(/^-?\d{1,38}$/)
  .transform(BigInt);

const leaseSchema = z
  .object({
    id: z.string(),
    amountPico: amountSchema,
    slackPico: amountSchema.default(0n),
    scope: z.object({ projectId: z.string(), modelId: z.string() }).nullable().default(null),
    expiresAtMs: z.number(),
    ttlMs: z.number().optional(),
  })
  // An older control says only when it ends, by its own clock.
  .transform(({ expiresAtMs, ttlMs, ...lease }) => ({
    ...lease,
    ttlMs: ttlMs ?? expiresAtMs - Date.now(),
  }));

const leaseAnswerSchema = z
  .object({
    lease: leaseSchema.nullable(),
    availablePico: amountSchema,
    mode: z.enum(['strict', 'relaxed']).default('strict'),
    /** Why there is none, where more money would not help. */
    stop: z.object({ code: z.enum(COVER_STOPS), retryAtMs: z.number().nullable() }).nullish(),
  })
  .transform(({ mode, ...answer }) => ({ ...answer, isRelaxed: mode === 'relaxed' }));

export type LeaseAnswer = Readonly<z.infer<typeof leaseAnswerSchema>>;

export type LeaseWanted = Readonly<{
  tenantId: string;
  currency: string;
  amountPico: bigint;
  /** The least that is of use. */
  minimumPico: bigint;
  /** What the request may turn out to cost; amount and slack together must hold it. */
  worstPico?: bigint;
  /** Without it only what pays for every call is leased. */
  scope?: Readonly<{ projectId: string; modelId: string }>;
  /** A lease of ours that is to grow. */
  leaseId?: string;
}>;

const providerKeySchema = z.object({ apiKey: z.string().min(1), keyVersion: z.number() });

export type ProviderKey = Readonly<z.infer<typeof providerKeySchema>>;

export type Heartbeat = Readonly<{
  id: string;
  region: string;
  feedVersion: number;
  unshippedBytes: number;
}>;

const policySchema = z.object({
  version: z.number(),
  levels: z.array(
    z.object({
      level: z.enum(['platform', 'tenant', 'project', 'key']),
      scopeId: z.string(),
      metrics: z.record(z.string(), z.string()),
      models: z.array(z.string()).nullable(),
      regions: z.array(z.string()).nullable(),
      networks: z.array(z.string()).nullable(),
    }),
  ),
});

const idsSchema = z.object({ ids: z.array(z.string()) });

const shareAnswerSchema = z.object({
  shares: z.array(
    z.object({
      shareId: z.string().nullable(),
      amount: amountSchema,
      limit: amountSchema.nullable(),
      others: amountSchema,
      fair: amountSchema.nullable(),
      ttlMs: z.number(),
      resetsInMs: z.number().nullable(),
    }),
  ),
});

export type ControlClient = LimitControl &
  Readonly<{
    lookUpKey: (secretSha256: string) => Promise<KeyIdentity | StoppedKey | null>;
    lease: (wanted: LeaseWanted) => Promise<LeaseAnswer>;
    /** Gives a lease back; `spentPico` is what was spent of it in all, shipped or not. */
    releaseLease: (lease: Readonly<{ id: string; spentPico: bigint }>) => Promise<void>;
    /** Of this gateway's id, whoever opened them. */
    openLeases: () => Promise<readonly string[]>;
    /** Ends every share of this gateway's id; those of budgets, which wait for the journal, are named. */
    endShares: () => Promise<readonly string[]>;
    closeShares: (shareIds: readonly string[]) => Promise<void>;
    wake: (deploymentId: string) => Promise<void>;
    /** The key of an external provider, for the memory only. */
    openProviderKey: (providerId: string) => Promise<ProviderKey>;
    heartbeat: (beat: Heartbeat) => Promise<void>;
    stop: () => Promise<void>;
  }>;

/** A caller waits for some of these; beyond this it is better to say that control is away. */
export const CONTROL_TIMEOUT_MS = 5_000;
/** Control is near or it is away. */
const CONNECT_TIMEOUT_MS = 2_000;
/** Answers are a few hundred bytes; more is not ours. */
const ANSWER_BYTES_MAX = 256 * 1024;
/** A 503 for lack of control: it restarts in a few seconds. */
const RETRY_AFTER_MS = 2_000;

type Post = <T>(path: string, body: unknown, schema: z.ZodType<T>) => Promise<T>;

/** Asks control. Raises `control_unavailable`, whatever went wrong. */
function createPost(options: Readonly<{ url: string; joinToken: string }>, agent: Agent): Post {
  return async <T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> => {
    try {
      const response = await request(`${options.url}${path}`, {
        method: 'POST',
        dispatcher: agent,
        headers: {
          authorization: `Bearer ${options.joinToken}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(CONTROL_TIMEOUT_MS),
        headersTimeout: CONTROL_TIMEOUT_MS,
        bodyTimeout: CONTROL_TIMEOUT_MS,
      });
      const text = await limitedText(response.body);
      if (response.statusCode >= 300) throw new Error(`control answered ${response.statusCode}`);
      return schema.parse(text === '' ? null : JSON.parse(text));
    } catch (error) {
      throw failRequest('control_unavailable', 'The control plane cannot be asked just now.', {
        retryAfterMs: RETRY_AFTER_MS,
        cause: new Error(`${path.split('/')[3] ?? path}: ${messageOf(error)}`),
      });
    }
  };
}

export function createControlClient(
  options: Readonly<{ url: string; joinToken: string; gatewayId: string }>,
): ControlClient {
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, connections: 8 });
  const post = createPost(options, agent);

  return {
    lookUpKey: (secretSha256) =>
      post('/internal/v1/keys/lookup', { secretSha256 }, keyAnswerSchema),
    lease: ({ amountPico, minimumPico, worstPico, ...wanted }) =>
      post(
        '/internal/v1/leases',
        {
          gatewayId: options.gatewayId,
          ...wanted,
          amountPico: amountPico.toString(),
          minimumPico: minimumPico.toString(),
          ...(worstPico === undefined ? {} : { worstPico: worstPico.toString() }),
        },
        leaseAnswerSchema,
      ),
    releaseLease: async ({ id, spentPico }) => {
      const body = { gatewayId: options.gatewayId, spentPico: spentPico.toString() };
      await post(`/internal/v1/leases/${encodeURIComponent(id)}/release`, body, z.unknown());
    },
    openLeases: async () => {
      const { gatewayId } = options;
      return (await post('/internal/v1/leases/open', { gatewayId }, idsSchema)).ids;
    },
    endShares: async () => {
      const { gatewayId } = options;
      return (await post('/internal/v1/limits/shares/end', { gatewayId }, idsSchema)).ids;
    },
    closeShares: async (shareIds) => {
      const body = { gatewayId: options.gatewayId, shareIds };
      await post('/internal/v1/limits/shares/close', body, z.unknown());
    },
    wake: async (deploymentId) => {
      const path = `/internal/v1/deployments/${encodeURIComponent(deploymentId)}/wake`;
      await post(path, {}, z.unknown());
    },
    readPolicy: (key) => post('/internal/v1/limits/policy', key, policySchema),
    askShares: async (requests) => {
      const { gatewayId } = options;
      const wire = requests.map(({ used, want, least, ...rest }) => ({
        ...rest,
        used: used.toString(),
        want: want.toString(),
        least: least.toString(),
      }));
      const body = { gatewayId, requests: wire };
      return (await post('/internal/v1/limits/shares', body, shareAnswerSchema)).shares;
    },
    openProviderKey: (providerId) => {
      const path = `/internal/v1/providers/${encodeURIComponent(providerId)}/key`;
      return post(path, {}, providerKeySchema);
    },
    heartbeat: async (beat) => {
      await post('/internal/v1/gateways/heartbeat', beat, z.unknown());
    },
    stop: () => agent.destroy(),
  };
}

async function limitedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('an answer that is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
