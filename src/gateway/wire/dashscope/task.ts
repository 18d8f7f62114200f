/** `/api/v1/tasks` of DashScope, "Asynchronous task management": what is asked there and how it is answered. Pure. */
import { failRequest } from '../../errors.ts';
import type { TaskListing, TaskView } from '../../tasks/task-control.ts';
import { fieldOf } from '../field.ts';
import { dashScopeCode } from './error.ts';
import { idOfUuid, uuidOf } from './request-id.ts';

export type TaskPage =
  | Readonly<{ action: 'list' }>
  /** The id is ours; null where what stands there is none. */
  | Readonly<{ action: 'find' | 'cancel'; id: string | null; uuid: string }>;

const TASKS = /^\/api\/v1\/tasks(?:\/(?<uuid>[^/]+)(?<cancel>\/cancel)?)?\/?$/;

/** Null where the path is no page of tasks. */
export function taskPage(path: string): TaskPage | null {
  const groups = TASKS.exec(path)?.groups;
  if (groups === undefined) return null;
  const uuid = groups['uuid'];
  if (uuid === undefined) return { action: 'list' };
  const action = groups['cancel'] === undefined ? 'find' : 'cancel';
  return { action, id: idOfUuid('tsk', uuid), uuid };
}

const STATUSES: Readonly<Record<TaskView['state'], string>> = {
  pending: 'PENDING',
  running: 'RUNNING',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  canceled: 'CANCELED',
};

export function taskCreated(id: string, requestId: string): object {
  return {
    output: { task_id: uuidOf(id), task_status: STATUSES.pending },
    request_id: uuidOf(requestId),
  };
}

/** What was answered stands beside the state of the task, as if it were the answer. */
export function taskFound(task: TaskView, requestId: string): object {
  const answer = parsed(task.answer);
  const usage = fieldOf(answer, 'usage');
  return {
    request_id: uuidOf(requestId),
    output: {
      task_id: uuidOf(task.id),
      task_status: STATUSES[task.state],
      submit_time: timeText(task.submittedAtMs),
      ...(task.startedAtMs !== null && { scheduled_time: timeText(task.startedAtMs) }),
      ...(task.endedAtMs !== null && { end_time: timeText(task.endedAtMs) }),
      ...outcomeOf(task, answer),
    },
    ...(usage !== undefined && { usage }),
  };
}

function outcomeOf({ state, status }: TaskView, answer: unknown): object {
  if (state === 'succeeded') return Object(fieldOf(answer, 'output'));
  if (state !== 'failed') return {};
  const code = fieldOf(answer, 'code');
  const message = fieldOf(answer, 'message');
  return {
    code: dashScopeCode(typeof code === 'string' ? code : '', status ?? 500),
    message: typeof message === 'string' ? message : 'The task failed.',
  };
}

export function taskCanceled(requestId: string): object {
  return { request_id: uuidOf(requestId) };
}

/** A task that is not there, or no longer, or another's: one answer, which says nothing of which. */
export function taskUnknown(uuid: string, requestId: string): object {
  return {
    request_id: uuidOf(requestId),
    output: { task_id: uuid, task_status: 'UNKNOWN' },
  };
}

export function taskList(
  { tasks, total }: Readonly<{ tasks: readonly TaskView[]; total: number }>,
  { offset, limit }: Pick<TaskListing, 'offset' | 'limit'>,
  requestId: string,
): object {
  return {
    request_id: uuidOf(requestId),
    data: tasks.map((task) => ({
      task_id: uuidOf(task.id),
      status: STATUSES[task.state],
      model_name: task.modelName,
      api_key_id: task.keyId,
      gmt_create: task.submittedAtMs,
      ...(task.startedAtMs !== null && { start_time: task.startedAtMs }),
      ...(task.endedAtMs !== null && { end_time: task.endedAtMs }),
    })),
    page_no: offset / limit + 1,
    page_size: limit,
    total,
    total_page: Math.ceil(total / limit),
  };
}

const PAGE_MAX = 100;
/** Pages far behind cost the database; a day's tasks are fewer. */
const PAGE_NUMBER_MAX = 10_000;

/** Raises `invalid_value`. */
export function parseTaskListing(query: URLSearchParams, nowMs: number): TaskListing {
  const status = query.get('status');
  const state = Object.entries(STATUSES).find(([, name]) => name === status)?.[0] ?? null;
  if (status !== null && state === null) throw invalid('status', 'is no state of a task');
  const limit = numberOf(query, 'page_size', 10, PAGE_MAX);
  return {
    state: isState(state) ? state : null,
    modelName: query.get('model_name'),
    keyId: query.get('api_key_id'),
    fromMs: instantOf(query, 'start_time') ?? 0,
    toMs: instantOf(query, 'end_time') ?? nowMs,
    offset: (numberOf(query, 'page_no', 1, PAGE_NUMBER_MAX) - 1) * limit,
    limit,
  };
}

function isState(state: string | null): state is TaskView['state'] {
  return state !== null && Object.hasOwn(STATUSES, state);
}

function numberOf(query: URLSearchParams, name: string, standard: number, max: number): number {
  const text = query.get(name);
  if (text === null) return standard;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw invalid(name, `should be a number from 1 to ${max}`);
  return value;
}

/** `20230420000000`, in UTC like every time we say. */
function instantOf(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  const [, year, month, day, hour, minute, second] = digits ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(ms)) throw invalid(name, 'should be a time like 20230420000000');
  return ms;
}

/** `2023-12-20 21:36:31.896` */
function timeText(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

function parsed(answer: string | null): unknown {
  try {
    return answer === null ? null : JSON.parse(answer);
  } catch {
    // An engine's HTML, say: there is a status and no words.
    return null;
  }
}

function invalid(param: string, what: string): Error {
  return failRequest('invalid_value', `${param} ${what}.`, { param });
}
