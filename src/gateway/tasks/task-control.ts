/**
 * What a gateway asks control about tasks. Every call has a timeout; where control does not answer they
 * all raise `control_unavailable`.
 */
import { Agent, request } from 'undici';
import { z } from 'zod';
import { messageOf } from '#platform/error.ts';
import { failRequest } from '../errors.ts';

const taskSchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    keyId: z.string(),
    modelName: z.string(),
    state: z.enum(['pending', 'running', 'succeeded', 'failed', 'canceled']),
    submittedAtMs: z.number(),
    startedAtMs: z.number().nullable(),
    endedAtMs: z.number().nullable(),
    status: z.number().nullable(),
    answer: z.string().nullable(),
  })
  .readonly();

const takenSchema = z
  .object({ id: z.string(), keySha256: z.string(), path: z.string(), body: z.string() })
  .readonly();

export type TaskView = z.infer<typeof taskSchema>;
export type TakenTask = z.infer<typeof takenSchema>;

export type TaskWish = Readonly<{
  tenantId: string;
  projectId: string;
  keyId: string;
  keySha256: string;
  modelName: string;
  path: string;
  body: string;
}>;

export type TaskListing = Readonly<{
  state: TaskView['state'] | null;
  modelName: string | null;
  keyId: string | null;
  fromMs: number;
  toMs: number;
  offset: number;
  limit: number;
}>;

export type TaskEnd =
  | Readonly<{ kind: 'answered' | 'broke'; status: number; answer: string }>
  | Readonly<{ kind: 'busy'; retryAfterMs: number }>;

export type TaskControl = Readonly<{
  /** Raises `task_limit_reached`. */
  create: (task: TaskWish) => Promise<Readonly<{ id: string }>>;
  /** Null where there is none of this tenant. Raises `rate_limit_exceeded`, as the next two do. */
  find: (tenantId: string, id: string) => Promise<TaskView | null>;
  list: (
    tenantId: string,
    listing: TaskListing,
  ) => Promise<Readonly<{ tasks: readonly TaskView[]; total: number }>>;
  cancel: (tenantId: string, id: string) => Promise<boolean>;
  take: (limit: number) => Promise<readonly TakenTask[]>;
  renew: (ids: readonly string[]) => Promise<readonly string[]>;
  end: (id: string, end: TaskEnd) => Promise<void>;
  stop: () => Promise<void>;
}>;

/** A result of megabytes is written to a disk before this is answered. */
const TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** Four bodies of 4 MiB or one answer of 16, their quotes escaped. */
const ANSWER_BYTES_MAX = 48 * 1024 * 1024;
const RETRY_AFTER_MS = 2_000;

export function createTaskControl(
  options: Readonly<{ url: string; joinToken: string; gatewayId: string }>,
): TaskControl {
  const { gatewayId } = options;
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, connections: 8 });

  async function post<T>(name: string, body: object, schema: z.ZodType<T>): Promise<T> {
    const answer = await send(agent, options, name, body).catch((error: unknown) => {
      throw unavailable(name, error);
    });
    if (answer.status === 429) throw tooMuch(name, answer.retryAfter);
    if (answer.status !== 200) throw unavailable(name, `control answered ${answer.status}`);
    try {
      return schema.parse(JSON.parse(answer.text));
    } catch (error) {
      throw unavailable(name, error);
    }
  }

  return {
    create: (task) => post('create', task, z.object({ id: z.string() })),
    find: async (tenantId, id) =>
      (await post('find', { tenantId, id }, z.object({ task: taskSchema.nullable() }))).task,
    list: (tenantId, listing) =>
      post(
        'list',
        { tenantId, ...listing },
        z.object({ tasks: z.array(taskSchema), total: z.number() }),
      ),
    cancel: async (tenantId, id) =>
      (await post('cancel', { tenantId, id }, z.object({ isCanceled: z.boolean() }))).isCanceled,
    take: async (limit) =>
      (await post('take', { gatewayId, limit }, z.object({ tasks: z.array(takenSchema) }))).tasks,
    renew: async (ids) =>
      (await post('renew', { gatewayId, ids }, z.object({ ids: z.array(z.string()) }))).ids,
    end: async (id, end) => {
      await post('end', { gatewayId, id, end }, z.unknown());
    },
    stop: () => agent.destroy(),
  };
}

type Said = Readonly<{ status: number; text: string; retryAfter: string | null }>;

async function send(
  dispatcher: Agent,
  options: Readonly<{ url: string; joinToken: string }>,
  name: string,
  body: object,
): Promise<Said> {
  const response = await request(`${options.url}/internal/v1/tasks/${name}`, {
    method: 'POST',
    dispatcher,
    headers: {
      authorization: `Bearer ${options.joinToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response.body) {
    const piece = Buffer.from(part);
    bytes += piece.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('an answer that is too large');
    parts.push(piece);
  }
  const retryAfter = response.headers['retry-after'];
  return {
    status: response.statusCode,
    text: Buffer.concat(parts).toString('utf8'),
    retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
  };
}

function tooMuch(name: string, retryAfter: string | null): Error {
  const seconds = Number(retryAfter);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : RETRY_AFTER_MS;
  return name === 'create'
    ? failRequest('task_limit_reached', 'Too many tasks of this account wait, or are kept.', {
        retryAfterMs,
      })
    : failRequest('rate_limit_exceeded', 'Tasks may be asked for 20 times a second.', {
        retryAfterMs,
      });
}

function unavailable(name: string, reason: unknown): Error {
  return failRequest('control_unavailable', 'The control plane cannot be asked just now.', {
    retryAfterMs: RETRY_AFTER_MS,
    cause: new Error(`tasks/${name}: ${messageOf(reason)}`),
  });
}
