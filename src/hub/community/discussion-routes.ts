/** Discussions, pull requests and likes on our own API, below `/cloud/v1/repositories/{kind}/{owner}/{name}`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { body, failure, json } from '#tenancy/route-shapes.ts';
import { repositoryKindSchema } from '../api.ts';
import { type HuggingFaceParts, actorOf } from '../face/parts.ts';
import { requireFiles } from '../face/resolve.ts';
import type { Access } from '../repositories/access.ts';
import { present, presentDetail } from './present.ts';
import {
  changesSchema,
  commentSchema,
  discussionCreateSchema,
  discussionDetailSchema,
  discussionPageSchema,
  discussionUpdateSchema,
  likedSchema,
} from './shapes.ts';

type Parts = Pick<HuggingFaceParts, 'hub' | 'tenancy'>;

const tags = ['Discussions'];
const PAGE = 30;
const at = '/cloud/v1/repositories/{kind}/{owner}/{name}';
const repository = z.object({
  kind: repositoryKindSchema,
  owner: z.string().max(96),
  name: z.string().max(96),
});
const one = repository.extend({ num: z.coerce.number().int().min(1).max(1_000_000_000) });
const comment = one.extend({ comment: z.string().max(40) });
const detail = json(discussionDetailSchema, 'The discussion as it is now.');

const list = createRoute({
  method: 'get',
  tags,
  path: `${at}/discussions`,
  summary: 'Discussions and pull requests, newest first',
  request: {
    params: repository,
    query: z.object({
      type: z.enum(['discussion', 'pull']).optional(),
      state: z.enum(['open', 'closed']).optional(),
      start: z.coerce.number().int().min(0).max(1_000_000).default(0),
    }),
  },
  responses: { 200: json(discussionPageSchema, 'A page of them.'), default: failure },
});

const open = createRoute({
  method: 'post',
  tags,
  path: `${at}/discussions`,
  summary: 'Open a discussion',
  request: { params: repository, body: body(discussionCreateSchema) },
  responses: { 201: detail, default: failure },
});

const show = createRoute({
  method: 'get',
  tags,
  path: `${at}/discussions/{num}`,
  summary: 'A discussion with everything that was said and done',
  request: { params: one },
  responses: { 200: detail, default: failure },
});

const update = createRoute({
  method: 'patch',
  tags,
  path: `${at}/discussions/{num}`,
  summary: 'Rename, close, open or lock it',
  request: { params: one, body: body(discussionUpdateSchema) },
  responses: { 200: detail, default: failure },
});

const say = createRoute({
  method: 'post',
  tags,
  path: `${at}/discussions/{num}/comments`,
  summary: 'Say something',
  request: { params: one, body: body(commentSchema) },
  responses: { 201: detail, default: failure },
});

const edit = createRoute({
  method: 'patch',
  tags,
  path: `${at}/discussions/{num}/comments/{comment}`,
  summary: 'Change your own words',
  request: { params: comment, body: body(commentSchema) },
  responses: { 200: detail, default: failure },
});

const hide = createRoute({
  method: 'delete',
  tags,
  path: `${at}/discussions/{num}/comments/{comment}`,
  summary: 'Hide a comment for good',
  request: { params: comment },
  responses: { 200: detail, default: failure },
});

const changes = createRoute({
  method: 'get',
  tags,
  path: `${at}/discussions/{num}/changes`,
  summary: 'What a pull request changes: texts by lines, other files by size',
  request: { params: one },
  responses: { 200: json(changesSchema, 'Its files.'), default: failure },
});

const merge = createRoute({
  method: 'post',
  tags,
  path: `${at}/discussions/{num}/merge`,
  summary: 'Merge a pull request into main',
  request: { params: one },
  responses: { 200: detail, default: failure },
});

const commitChanges = createRoute({
  method: 'get',
  tags,
  path: `${at}/commits/{revision}/changes`,
  summary: 'What a commit changed against the one it was made from',
  request: { params: repository.extend({ revision: z.string().max(300) }) },
  responses: { 200: json(changesSchema, 'Its files.'), default: failure },
});

const liked = createRoute({
  method: 'get',
  tags,
  path: `${at}/like`,
  summary: 'How many like it, and whether you do',
  request: { params: repository },
  responses: { 200: json(likedSchema, 'Likes.'), default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createDiscussionRoutes(parts: Parts): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  addThreads(api, parts);
  addComments(api, parts);
  addPulls(api, parts);
  return api;
}

type Context = Readonly<{ get: (name: 'principal') => CloudEnv['Variables']['principal'] }>;

/** Raises `model.unknown`, `model.not_yours`. */
async function found(
  { hub }: Parts,
  context: Context,
  { kind, owner, name }: z.output<typeof repository>,
  needed: Access = 'read',
) {
  const principal = context.get('principal');
  requirePermission(principal, 'model.read');
  const viewer = { tenantId: principal.tenantId, principal };
  const id = { kind, name: `${owner}/${name}` };
  return { viewer, repository: await hub.repositories.require(viewer, id, needed) };
}

function addThreads(api: OpenAPIHono<CloudEnv>, parts: Parts): void {
  const { discussions } = parts.hub.community;
  api.openapi(list, async (context) => {
    const { repository } = await found(parts, context, context.req.valid('param'));
    const { type = null, state = null, start } = context.req.valid('query');
    const query = { kind: type, state, author: null, start, limit: PAGE };
    const { rows, count } = await discussions.list(repository, query);
    return context.json({ data: rows.map((row) => present(row)), count, start }, 200);
  });
  api.openapi(open, async (context) => {
    const seen = await found(parts, context, context.req.valid('param'));
    const asked = { ...context.req.valid('json'), isPullRequest: false };
    const actor = await actorOf(parts, seen.viewer);
    const num = await discussions.open(actor, seen.repository, asked);
    return context.json(await presentDetail(parts.hub, seen, num), 201);
  });
  api.openapi(show, async (context) => {
    const { num, ...id } = context.req.valid('param');
    const seen = await found(parts, context, id);
    return context.json(await presentDetail(parts.hub, seen, num), 200);
  });
  api.openapi(update, async (context) => {
    const { num, ...id } = context.req.valid('param');
    const seen = await found(parts, context, id);
    const actor = await actorOf(parts, seen.viewer);
    await discussions.update(actor, seen.repository, num, context.req.valid('json'));
    return context.json(await presentDetail(parts.hub, seen, num), 200);
  });
}

function addComments(api: OpenAPIHono<CloudEnv>, parts: Parts): void {
  const { discussions } = parts.hub.community;
  api.openapi(say, async (context) => {
    const { num, ...id } = context.req.valid('param');
    const seen = await found(parts, context, id);
    const actor = await actorOf(parts, seen.viewer);
    await discussions.comment(actor, seen.repository, num, context.req.valid('json').text);
    return context.json(await presentDetail(parts.hub, seen, num), 201);
  });
  api.openapi(edit, async (context) => {
    const { num, comment: commentId, ...id } = context.req.valid('param');
    const seen = await found(parts, context, id);
    const actor = await actorOf(parts, seen.viewer);
    const asked = { num, id: commentId, text: context.req.valid('json').text };
    await discussions.edit(actor, seen.repository, asked);
    return context.json(await presentDetail(parts.hub, seen, num), 200);
  });
  api.openapi(hide, async (context) => {
    const { num, comment: commentId, ...id } = context.req.valid('param');
    const seen = await found(parts, context, id);
    const actor = await actorOf(parts, seen.viewer);
    await discussions.edit(actor, seen.repository, { num, id: commentId, text: null });
    return context.json(await presentDetail(parts.hub, seen, num), 200);
  });
}

function addPulls(api: OpenAPIHono<CloudEnv>, parts: Parts): void {
  const { pulls, likes } = parts.hub.community;
  api.openapi(changes, async (context) => {
    const { num, ...id } = context.req.valid('param');
    const { repository } = await found(parts, context, id);
    requireFiles(repository);
    return context.json(await pulls.changes(repository, num), 200);
  });
  api.openapi(merge, async (context) => {
    const { num, ...id } = context.req.valid('param');
    const seen = await found(parts, context, id, 'write');
    const { member, tenant } = await parts.tenancy.me(context.get('principal'));
    const author = member?.name ?? tenant.name;
    const actor = await actorOf(parts, seen.viewer);
    await pulls.merge(actor, seen.repository, { num, author, comment: '' });
    return context.json(await presentDetail(parts.hub, seen, num), 200);
  });
  api.openapi(commitChanges, async (context) => {
    const { revision, ...id } = context.req.valid('param');
    const { repository } = await found(parts, context, id);
    requireFiles(repository);
    const { id: revisionId } = await parts.hub.history.revision(repository, revision);
    return context.json(await pulls.changesOf(repository, revisionId), 200);
  });
  api.openapi(liked, async (context) => {
    const { viewer, repository } = await found(parts, context, context.req.valid('param'));
    return context.json(await likes.of(viewer, repository), 200);
  });
}
