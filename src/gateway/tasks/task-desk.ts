/**
 * Where callers ask for tasks: one is read and judged like any call before it is taken in, so that a
 * mistake is said at once; its state and its result may be fetched by every key of the tenant. Money is
 * held and limits are counted when the call is made, by the same code as for any other.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Clock } from '#platform/clock.ts';
import { parseKey } from '#tenancy/key.ts';
import { requireCaller } from '../admission.ts';
import { checkBodyHead, readBody } from '../body.ts';
import type { KeyIdentity } from '../control-client.ts';
import { failRequest } from '../errors.ts';
import type { FeedState } from '../feed-state.ts';
import { type KeyTable, secretOf } from '../key-table.ts';
import type { Limiter } from '../limits/limiter.ts';
import { openPassage } from '../limits/passage.ts';
import type { Reply } from '../reply.ts';
import { planTargets } from '../routing/targets.ts';
import type { NativeEndpoint } from '../wire/dashscope/endpoint.ts';
import { NATIVE_ENDPOINTS } from '../wire/dashscope/native-endpoints.ts';
import {
  type TaskPage,
  parseTaskListing,
  taskCanceled,
  taskCreated,
  taskFound,
  taskList,
  taskUnknown,
} from '../wire/dashscope/task.ts';
import type { TaskControl } from './task-control.ts';

export type Deferred = Readonly<{ path: string; endpoint: NativeEndpoint }>;

export type TaskDesk = Readonly<{
  create: (deferred: Deferred, incoming: IncomingMessage, reply: Reply) => Promise<void>;
  answer: (page: TaskPage, incoming: IncomingMessage, reply: Reply) => Promise<void>;
}>;

export type TaskDeskDeps = Readonly<{
  control: Pick<TaskControl, 'create' | 'find' | 'list' | 'cancel'>;
  keys: Pick<KeyTable, 'identify'>;
  feed: FeedState;
  limiter: Limiter;
  clock: Clock;
  /** There is a new one. */
  onCreated: () => void;
}>;

/** It is kept in the database until it ran; a million tokens of text are about this much. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** The endpoint that the caller wants an answer of later, or null where it wants it now. */
export function deferredCall(incoming: IncomingMessage): Deferred | null {
  if (incoming.headers['x-dashscope-async'] !== 'enable' || incoming.method !== 'POST') return null;
  const [path = ''] = (incoming.url ?? '').split('?');
  const endpoint = NATIVE_ENDPOINTS.get(path);
  return endpoint === undefined ? null : { path, endpoint };
}

export function createTaskDesk(deps: TaskDeskDeps): TaskDesk {
  const { control, keys, feed, limiter, clock, onCreated } = deps;

  /** Raises what a call raises before it is read: of the key, its tenant and where it calls from. */
  async function identify(secret: string, incoming: IncomingMessage): Promise<KeyIdentity> {
    const key = await keys.identify(secret);
    requireCaller(feed.view(), key);
    await openPassage(limiter, key, incoming);
    return key;
  }

  return {
    create: async ({ path, endpoint }, incoming, reply) => {
      checkBodyHead(incoming, BODY_BYTES_MAX);
      const secret = secretOf(incoming.headers);
      const key = await identify(secret, incoming);
      const bytes = await readBody(incoming, BODY_BYTES_MAX);
      const { requestId } = reply;
      const headers = withoutEvents(incoming.headers);
      const { request } = endpoint.read({ bytes, headers, requestId });
      if (request.isStream) {
        throw failRequest('invalid_value', 'A task has no stream; leave out "stream".', {
          param: 'parameters.stream',
        });
      }
      // Raises what a call would: a model that is not there, or not for this key.
      planTargets(feed.view(), key, { name: request.model, requestId, session: null });
      const { id } = await control.create({
        tenantId: key.tenantId,
        projectId: key.projectId,
        keyId: key.id,
        keySha256: parseKey(secret)?.secretSha256 ?? '',
        modelName: request.model,
        path,
        body: bytes.toString('utf8'),
      });
      reply.json(200, taskCreated(id, requestId));
      onCreated();
    },

    answer: async (page, incoming, reply) => {
      const key = await identify(secretOf(incoming.headers), incoming);
      const { requestId } = reply;
      if (page.action === 'list') {
        const query = new URL(incoming.url ?? '/', 'http://gateway').searchParams;
        const listing = parseTaskListing(query, clock.nowMs());
        const found = await control.list(key.tenantId, listing);
        return reply.json(200, taskList(found, listing, requestId));
      }
      const task = page.id === null ? null : await control.find(key.tenantId, page.id);
      if (page.action === 'find') {
        const body = task === null ? taskUnknown(page.uuid, requestId) : taskFound(task, requestId);
        return reply.json(200, body);
      }
      if (task !== null && (await control.cancel(key.tenantId, task.id))) {
        return reply.json(200, taskCanceled(requestId));
      }
      throw failRequest(
        'task_not_cancelable',
        'Failed to cancel the task, please confirm if the task is in PENDING status.',
      );
    },
  };
}

/** A task is fetched, never streamed, whatever a client says out of habit. */
function withoutEvents({
  accept: _accept,
  'x-dashscope-sse': _events,
  ...headers
}: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}
