/** Discussions and pull requests: `/api/{models|datasets|spaces}/{owner}/{name}/discussions…`. */
import { z } from '@hono/zod-openapi';
import type { Context, Hono } from 'hono';
import type { EventRow } from '../community/discussion-store.ts';
import { failCommunity } from '../community/errors.ts';
import { unifiedDiff } from '../community/changes.ts';
import { TEXT_LENGTH_MAX, TITLE_LENGTH_MAX } from '../community/shapes.ts';
import { REPOSITORY, isSet, originOf, param, pathOf, readJson } from '../face/address.ts';
import { type Face, actorOf, authorOf, changeable, seen } from '../face/parts.ts';
import type { Repository, RepositoryId } from '../repositories/repositories.ts';
import { changesEntry, discussionEntry, eventEntry } from '../wire/huggingface/discussion.ts';

const text = z.string().max(TEXT_LENGTH_MAX);
const title = z.string().trim().max(TITLE_LENGTH_MAX);
const openSchema = z.object({
  title,
  description: text.nullish(),
  pullRequest: z.boolean().default(false),
});
const commentSchema = z.object({ comment: text });
const titleSchema = z.object({ title });
const editSchema = z.object({ content: text });
const statusSchema = z.object({ status: z.enum(['open', 'closed']), comment: text.nullish() });
const mergeSchema = z.object({ comment: text.nullish() });

const DISCUSSIONS = `${REPOSITORY}/discussions`;
const ONE = `${DISCUSSIONS}/:num{[1-9][0-9]{0,8}}`;
const PAGE = 50;

export function addDiscussionRoutes(api: Hono, face: Face): void {
  const { discussions } = face.hub.community;
  api.get(DISCUSSIONS, (context) => list(context, face));
  api.post(DISCUSSIONS, async (context) => {
    const { actor, repository } = await speaking(face, context);
    const asked = await readJson(context, openSchema);
    const isPullRequest = asked.pullRequest;
    const wish = { title: asked.title, text: (asked.description ?? '').trim(), isPullRequest };
    const num = await discussions.open(actor, repository, wish);
    const url = `${originOf(context)}/${pathOf(idOf(repository))}/discussions/${num}`;
    return context.json({ num, url, pullRequest: isPullRequest });
  });
  api.get(ONE, (context) => details(context, face));
  api.post(`${ONE}/comment`, async (context) => {
    const { actor, repository, num } = await speaking(face, context);
    const { comment } = await readJson(context, commentSchema);
    const event = await discussions.comment(actor, repository, num, comment);
    return context.json({ newMessage: eventEntry(event) });
  });
  api.post(`${ONE}/title`, async (context) => {
    const { actor, repository, num } = await speaking(face, context);
    const asked = await readJson(context, titleSchema);
    const events = await discussions.update(actor, repository, num, asked);
    return context.json({ newTitle: entryOf(events, 'title') });
  });
  api.post(`${ONE}/status`, async (context) => {
    const { actor, repository, num } = await speaking(face, context);
    const { status, comment } = await readJson(context, statusSchema);
    const change = { status, ...(isText(comment) && { comment }) };
    const events = await discussions.update(actor, repository, num, change);
    return context.json({ newStatus: entryOf(events, 'status') });
  });
  api.post(`${ONE}/merge`, async (context) => {
    const { viewer, repository } = await changeable(face, context, 'write');
    const { comment } = await readJson(context, mergeSchema);
    const asked = {
      num: numOf(context),
      comment: comment?.trim() ?? '',
      author: await authorOf(face, viewer),
    };
    const actor = await actorOf(face, viewer);
    const mergeCommitId = await face.hub.community.pulls.merge(actor, repository, asked);
    return context.json({ success: true, mergeCommitId });
  });
  const comment = `${ONE}/comment/:comment{[0-9a-z_]{1,40}}`;
  const edit = async (context: Context, content: string | null) => {
    const { actor, repository, num } = await speaking(face, context);
    const asked = { num, id: param(context, 'comment'), text: content };
    const event = await discussions.edit(actor, repository, asked);
    return context.json({ updatedComment: eventEntry(event) });
  };
  api.post(`${comment}/edit`, async (context) =>
    edit(context, (await readJson(context, editSchema)).content),
  );
  api.post(`${comment}/hide`, (context) => edit(context, null));
}

/** Whoever sees the repository and has an account. */
async function speaking(face: Face, context: Context) {
  const viewer = await face.writerOf(context);
  const { repository } = await seen(face, context);
  return { actor: await actorOf(face, viewer), repository, num: numOf(context) };
}

async function list(context: Context, face: Face): Promise<Response> {
  const { repository } = await seen(face, context);
  const { type, status, author, p } = context.req.query();
  const start = Math.min(Math.max(0, Number(p) || 0), 100_000) * PAGE;
  const kinds = { discussion: 'discussion', pull_request: 'pull' } as const;
  const { rows, count } = await face.hub.community.discussions.list(repository, {
    kind: type === 'discussion' || type === 'pull_request' ? kinds[type] : null,
    state: status === 'open' || status === 'closed' ? status : null,
    author: author ?? null,
    start,
    limit: PAGE,
  });
  const discussions = rows.map((row) => discussionEntry(row, idOf(repository)));
  return context.json({ discussions, count, start, numClosedDiscussions: 0 });
}

async function details(context: Context, face: Face): Promise<Response> {
  const { repository } = await seen(face, context);
  const { discussions, pulls } = face.hub.community;
  const num = numOf(context);
  const row = await discussions.get(repository, num);
  const events = await discussions.events(repository, num);
  const isPull = row.kind === 'pull';
  // What files hold is for those who may have them.
  const isShown = isPull && isSet(context.req.query('diff')) && repository.mayReadFiles;
  return context.json({
    ...discussionEntry(row, idOf(repository)),
    events: events.map((event) => eventEntry(event)),
    ...(isPull && changesEntry(row, await pulls.conflicts(repository, row))),
    ...(isShown && { diff: unifiedDiff(await pulls.changes(repository, num)) }),
  });
}

function entryOf(events: readonly EventRow[], kind: EventRow['kind']) {
  const event = events.find((candidate) => candidate.kind === kind);
  if (event === undefined) throw failCommunity('discussion.invalid', 'Nothing was to change.');
  return eventEntry(event);
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function idOf({ row, name }: Repository): RepositoryId {
  return { kind: row.kind, name };
}

function numOf(context: Context): number {
  return Number(param(context, 'num'));
}
