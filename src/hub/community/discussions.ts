/**
 * Discussions at repositories of every kind: opened, gone on with, renamed, closed, locked; comments edited
 * and hidden by whom they belong to. Promises that numbers are given once and shared with pull requests,
 * that what is written is kept as it was written, and that who may not see a repository learns nothing of
 * what is said there. Whose turn it is to see a repository is `repositories.ts`'s to say.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Viewer } from '../repositories/access.ts';
import { resolveRevision } from '../repositories/refs.ts';
import type { Repository } from '../repositories/repositories.ts';
import { lockRepository } from '../repositories/repository-store.ts';
import {
  type Author,
  type DiscussionFilter,
  type DiscussionKey,
  type DiscussionRow,
  type EventRow,
  countEvents,
  countSaid,
  insertDiscussion,
  insertEvent,
  lockDiscussion,
  nextNumber,
  selectDiscussion,
  selectDiscussions,
  selectEvents,
  updateComment,
  updateDiscussion,
} from './discussion-store.ts';
import { failCommunity } from './errors.ts';
import { eventBy, openPull } from './pull-refs.ts';
import type { RepositoryEvent, RepositoryListener } from './repository-events.ts';
import { mayEdit, rightsIn } from './rights.ts';
import { TEXT_LENGTH_MAX, TITLE_LENGTH_MAX } from './shapes.ts';

/** Who speaks, and under which name. */
export type Actor = Readonly<{ viewer: Viewer; name: string }>;

export type DiscussionOpen = Readonly<{ title: string; text: string; isPullRequest: boolean }>;

export type DiscussionChange = Readonly<{
  title?: string | undefined;
  status?: 'open' | 'closed' | undefined;
  isLocked?: boolean | undefined;
  comment?: string | undefined;
}>;

/** Each raises `discussion.unknown`; what changes something `discussion.locked`, `discussion.full`. */
export interface Discussions {
  list(
    at: Repository,
    query: DiscussionFilter & Readonly<{ start: number; limit: number }>,
  ): Promise<Readonly<{ rows: readonly DiscussionRow[]; count: number }>>;
  get(at: Repository, num: number): Promise<DiscussionRow>;
  events(at: Repository, num: number): Promise<readonly EventRow[]>;
  /** Gives its number. Raises `discussion.invalid`, `discussion.too_fast`. */
  open(actor: Actor, at: Repository, asked: DiscussionOpen): Promise<number>;
  /** Raises `discussion.invalid`, `discussion.too_fast`. */
  comment(actor: Actor, at: Repository, num: number, text: string): Promise<EventRow>;
  /** What of it was new, in order. Raises `discussion.not_yours`, `pull.not_open`. */
  update(
    actor: Actor,
    at: Repository,
    num: number,
    change: DiscussionChange,
  ): Promise<readonly EventRow[]>;
  /** Null hides it for good. Raises `comment.unknown`, `discussion.not_yours`. */
  edit(
    actor: Actor,
    at: Repository,
    comment: Readonly<{ num: number; id: string; text: string | null }>,
  ): Promise<EventRow>;
}

export type DiscussionParts = Readonly<{
  database: Database;
  clock: Clock;
  onChange?: RepositoryListener | undefined;
}>;

/** What one page still shows; a longer thread is several. */
const EVENTS_MAX = 2_000;
/** Per account and hour, in all repositories: far beyond what people write, and little for a flood. */
const OPENED_MAX = 60;
const SAID_MAX = 600;
const HOUR_MS = 60 * 60_000;

export function createDiscussions(parts: DiscussionParts): Discussions {
  const { database } = parts;
  const get = async (at: Repository, num: number) =>
    requireKnown(await selectDiscussion(database, keyOf(at, num)), num);
  return {
    list: (at, query) => selectDiscussions(database, keyOf(at, 0), query),
    get,
    events: (at, num) => selectEvents(database, keyOf(at, num), EVENTS_MAX),
    open: (actor, at, asked) => open(parts, actor, at, asked),
    comment: async (actor, at, num, text) => {
      await requireCalm(parts, actor);
      const [event] = await within(parts, actor, { at, num }, (change) => change.say(text));
      return required(event);
    },
    update: (actor, at, num, asked) =>
      within(parts, actor, { at, num }, async (change) => {
        if (asked.isLocked !== undefined) await change.lock(asked.isLocked);
        if (asked.comment !== undefined) await change.say(asked.comment);
        if (asked.title !== undefined) await change.rename(asked.title);
        if (asked.status !== undefined) await change.become(asked.status);
      }),
    edit: (actor, at, comment) => edit(parts, actor, at, comment),
  };
}

async function open(
  parts: DiscussionParts,
  actor: Actor,
  at: Repository,
  { title, text, isPullRequest }: DiscussionOpen,
): Promise<number> {
  const author = authorOf(actor);
  const key = keyOf(at, 0);
  requireText(title, TITLE_LENGTH_MAX);
  if (text.length > TEXT_LENGTH_MAX) requireText(text, TEXT_LENGTH_MAX);
  await requireCalm(parts, actor);
  const now = new Date(parts.clock.nowMs());
  return transaction(parts.database, async (tx) => {
    await lockRepository(tx, key);
    if (isPullRequest) {
      // It stands where main stands until somebody commits to it.
      const head = await resolveRevision(tx, at.row, 'main');
      const message = `${title.replace(/\s+/g, ' ')}\n\n${text}`;
      const where = { revisionId: head, baseRevisionId: head };
      const opened = { ...where, message, author, status: 'draft', at: now } as const;
      return tell(parts, tx, at, 'create', await openPull(tx, key, opened));
    }
    const num = await nextNumber(tx, key);
    const rest = { num, title, author, createdAt: now, baseRevisionId: null };
    await insertDiscussion(tx, key, { ...rest, kind: 'discussion', status: 'open' });
    const event = { ...eventBy(author, now), kind: 'comment', text, data: {} } as const;
    await insertEvent(tx, { ...key, num }, event);
    return tell(parts, tx, at, 'create', num);
  });
}

async function tell(
  { onChange }: DiscussionParts,
  tx: Database,
  { row }: Repository,
  action: 'create' | 'update',
  num: number,
): Promise<number> {
  await onChange?.(tx, { row, kind: 'discussion', action, num });
  return num;
}

type Change = Readonly<{
  say: (text: string) => Promise<void>;
  rename: (title: string) => Promise<void>;
  become: (status: 'open' | 'closed') => Promise<void>;
  lock: (isLocked: boolean) => Promise<void>;
}>;

/** Locks the discussion, lets `work` change it as far as the actor may, and gives the new events. */
async function within(
  parts: DiscussionParts,
  actor: Actor,
  { at, num }: Readonly<{ at: Repository; num: number }>,
  work: (change: Change) => Promise<void>,
): Promise<readonly EventRow[]> {
  const key = keyOf(at, num);
  const author = authorOf(actor);
  return transaction(parts.database, async (tx) => {
    const row = requireKnown(await lockDiscussion(tx, key), num);
    const may = rightsIn(actor.viewer, at, row);
    const events: EventRow[] = [];
    const add = async (
      made: Pick<EventRow, 'kind' | 'text' | 'data'>,
      told: RepositoryEvent,
    ): Promise<void> => {
      const event = { ...eventBy(author, new Date(parts.clock.nowMs())), ...made };
      await requireRoom(tx, key);
      await insertEvent(tx, key, event);
      events.push({ ...event, editedAt: null, isHidden: false });
      const isComment = told.kind === 'comment';
      await parts.onChange?.(tx, isComment ? { ...told, commentId: event.id } : told);
    };
    const changed = { row: at.row, kind: 'discussion', action: 'update', num } as const;
    await work({
      say: async (text) => {
        if (!may.comment) throw locked();
        requireText(text, TEXT_LENGTH_MAX);
        const said = {
          row: at.row,
          kind: 'comment',
          action: 'create',
          num,
          commentId: '',
        } as const;
        await add({ kind: 'comment', text, data: {} }, said);
      },
      rename: async (title) => {
        requireRight(may.change);
        requireText(title, TITLE_LENGTH_MAX);
        await updateDiscussion(tx, key, { title });
        await add({ kind: 'title', text: '', data: { from: row.title, to: title } }, changed);
      },
      become: async (status) => {
        requireRight(may.change);
        if (row.status === 'merged') {
          throw failCommunity('pull.not_open', `The pull request ${num} is merged.`);
        }
        await updateDiscussion(tx, key, { status });
        await add({ kind: 'status', text: '', data: { status } }, changed);
      },
      lock: async (isLocked) => {
        requireRight(may.govern);
        await updateDiscussion(tx, key, { isLocked });
      },
    });
    return events;
  });
}

async function edit(
  parts: DiscussionParts,
  actor: Actor,
  at: Repository,
  { num, id, text }: Readonly<{ num: number; id: string; text: string | null }>,
): Promise<EventRow> {
  const key = keyOf(at, num);
  if (text !== null) requireText(text, TEXT_LENGTH_MAX);
  return transaction(parts.database, async (tx) => {
    const row = requireKnown(await lockDiscussion(tx, key), num);
    const events = await selectEvents(tx, key, EVENTS_MAX);
    const event = events.find((known) => known.id === id && known.kind === 'comment');
    if (event === undefined) {
      throw failCommunity('comment.unknown', `The discussion ${num} has no such comment.`);
    }
    const may = rightsIn(actor.viewer, at, row);
    requireRight(mayEdit(actor.viewer, event) || (text === null && may.govern));
    const change = { text: text ?? '', isHidden: text === null };
    const editedAt = new Date(parts.clock.nowMs());
    await updateComment(tx, key, { id, ...change, at: editedAt });
    const told = { row: at.row, kind: 'comment', action: 'update', num, commentId: id } as const;
    await parts.onChange?.(tx, told);
    return { ...event, ...change, editedAt };
  });
}

export function authorOf({ viewer, name }: Actor): Author {
  return { tenantId: viewer.tenantId, userId: viewer.principal?.userId ?? null, name };
}

export function keyOf({ row }: Repository, num: number): DiscussionKey {
  return { tenantId: row.tenantId, modelId: row.id, num };
}

export function requireKnown(row: DiscussionRow | null, num: number): DiscussionRow {
  if (row !== null) return row;
  throw failCommunity('discussion.unknown', `There is no discussion ${num} here.`);
}

function required(event: EventRow | undefined): EventRow {
  if (event === undefined) throw new Error('a comment made no event');
  return event;
}

function requireRight(may: boolean): void {
  if (may) return;
  throw failCommunity(
    'discussion.not_yours',
    'This is for its author, or for those who may write.',
  );
}

function locked(): Error {
  return failCommunity('discussion.locked', 'This discussion is locked.');
}

function requireText(text: string, lengthMax: number): void {
  if (text.trim() !== '' && text.length <= lengthMax) return;
  throw failCommunity('discussion.invalid', `Write something, of ${lengthMax} letters at most.`);
}

async function requireRoom(tx: Database, key: DiscussionKey): Promise<void> {
  if ((await countEvents(tx, key)) < EVENTS_MAX) return;
  throw failCommunity('discussion.full', `A discussion has ${EVENTS_MAX} entries at most.`);
}

async function requireCalm({ database, clock }: DiscussionParts, { viewer }: Actor): Promise<void> {
  const since = new Date(clock.nowMs() - HOUR_MS);
  const { opened, said } = await countSaid(database, viewer.tenantId, since);
  if (opened < OPENED_MAX && said < SAID_MAX) return;
  throw failCommunity(
    'discussion.too_fast',
    'You have written a lot within an hour; go on later.',
    {
      retryAfterMs: HOUR_MS / 4,
    },
  );
}
