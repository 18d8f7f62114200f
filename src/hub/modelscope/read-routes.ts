/** What ModelScope's clients read: who they are, lists, facts, branches, trees and files. */
import { z } from '@hono/zod-openapi';
import type { Context, Hono } from 'hono';
import { fail as failAuth } from '#tenancy/errors.ts';
import type { Principal } from '#tenancy/principal.ts';
import type { Model } from '../api.ts';
import type { Sort } from '../catalogue/api.ts';
import { type Filters, LIST_PAGE_MAX } from '../catalogue/list-query.ts';
import { failHub } from '../errors.ts';
import { isSet, param, readJson } from '../face/address.ts';
import type { Face, Seen } from '../face/parts.ts';
import { sendFile } from '../face/resolve.ts';
import type { RevisionDetail } from '../serving.ts';
import { listTree } from '../wire/huggingface/git-object.ts';
import { enveloped, openEnveloped } from './envelope.ts';
import { fileFacts, openFacts, repositoryFacts, revisionMap } from './facts.ts';
import { REPOSITORY, idOf, revisionOf, seenBy } from './parts.ts';

/** One answer of `repo/files`: where a client gets as many, it asks for each folder by itself. */
const FILES_MAX = 3_000;
const PAGE = 50;
const PAGE_MAX = 200;
/** What their service lets a caller page through. */
const PAGED_MAX = 3_000;

const listSchema = z.object({
  Path: z.string().max(200).nullish(),
  PageNumber: z.number().int().default(1),
  PageSize: z.number().int().default(PAGE),
});

export function addReadRoutes(api: Hono, face: Face): void {
  const { hub } = face;
  const seen = (context: Context) => seenBy(face, context, idOf(context));
  const found = async (
    context: Context,
  ): Promise<Seen & Readonly<{ revision: RevisionDetail }>> => {
    const asked = await seen(context);
    const name = revisionOf(context.req.query('Revision'));
    return { ...asked, revision: await hub.history.revision(asked.repository, name) };
  };

  api.get('/openapi/v1/users/me', async (context) => {
    const { username, email } = await whoCalls(face, context);
    return context.json(openEnveloped({ username, email, nickname: username }));
  });
  for (const address of ['/api/v1/models', '/api/v1/models/']) {
    // Older clients ask for a list by PUT.
    api.put(address, async (context) => {
      const { Path, PageNumber, PageSize } = await readJson(context, listSchema);
      const page = { number: PageNumber, size: PageSize };
      const found = await list(face, context, { kind: 'model', author: Path ?? undefined, page });
      const Models = found.models.map((model) => repositoryFacts(model));
      return context.json(enveloped({ Models, TotalCount: found.total_count }));
    });
  }
  for (const kinds of ['models', 'datasets']) {
    const kind = kinds === 'models' ? 'model' : 'dataset';
    api.get(`/openapi/v1/${kinds}`, async (context) => {
      const query = context.req.query();
      const { search, owner: author, page_number: number, page_size: size } = query;
      const page = { number: Number(number) || 1, size: Number(size) || PAGE };
      const sort = SORTS[query['sort'] ?? 'default'] ?? 'trending';
      const asked = { kind, search, author, sort, page, ...filtersOf(query) } as const;
      const { models, ...shown } = await list(face, context, asked);
      return context.json(
        openEnveloped({ ...shown, [kinds]: models.map((model) => openFacts(model)) }),
      );
    });
    api.get(`/openapi/v1/${kinds}/:owner/:name`, async (context) => {
      const id = { kind, name: `${param(context, 'owner')}/${param(context, 'name')}` } as const;
      const { viewer, repository } = await seenBy(face, context, id);
      return context.json(
        openEnveloped(openFacts(await hub.repositories.describe(viewer, repository))),
      );
    });
  }
  api.get(REPOSITORY, async (context) => {
    const { viewer, repository } = await seen(context);
    const model = await hub.repositories.describe(viewer, repository);
    return context.json(enveloped(repositoryFacts(model)));
  });
  api.get(`${REPOSITORY}/revisions`, async (context) => {
    const { repository } = await seen(context);
    const head = await hub.history.revision(repository, 'main');
    return context.json(enveloped(revisionMap(head, await hub.history.refs(repository))));
  });
  for (const address of ['repo/files', 'repo/tree']) {
    api.get(`${REPOSITORY}/${address}`, async (context) =>
      sendFiles(context, (await found(context)).revision),
    );
  }
  api.on(['GET', 'HEAD'], `${REPOSITORY}/repo`, async (context) => {
    const path = context.req.query('FilePath') ?? '';
    const asked = await found(context);
    const isBySha = asked.revision.id === context.req.query('Revision');
    return sendFile(context, hub, { ...asked, path, isBySha });
  });
}

/** Raises `auth.missing`. */
export async function whoCalls(face: Face, context: Context): Promise<Caller> {
  const { principal } = await face.viewerOf(context);
  if (principal === null) throw failAuth('auth.missing', 'Send a token.');
  return describeCaller(face, principal);
}

/** The name is what stands before the names of its repositories. */
export async function describeCaller(
  { hub, tenancy }: Face,
  principal: Principal,
): Promise<Caller> {
  const { member, tenant } = await tenancy.me(principal);
  const [own] = await hub.repositories.namespacesOf(tenant);
  return { username: own ?? tenant.name, email: member?.email ?? '' };
}

type Caller = Readonly<{ username: string; email: string }>;

type Asked = Filters & Readonly<{ sort?: Sort; page: Readonly<{ number: number; size: number }> }>;

/** A page by its number, as they ask for it; the hub's own lists go on from a cursor. */
async function list({ hub, viewerOf }: Face, context: Context, asked: Asked) {
  const viewer = await viewerOf(context);
  const { page, sort = 'trending', ...filters } = asked;
  const size = Math.min(Math.max(page.size, 1), PAGE_MAX);
  const number = Math.max(page.number, 1);
  if (number * size > PAGED_MAX) {
    throw failHub('list.cursor_invalid', `Lists end after ${PAGED_MAX}. Search for less.`);
  }
  const all: Model[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(number * size - all.length, LIST_PAGE_MAX);
    const found = await hub.catalogue.list(viewer.tenantId, { ...filters, sort, limit, cursor });
    all.push(...found.data);
    cursor = found.nextCursor ?? undefined;
  } while (cursor !== undefined && all.length < number * size);
  const total_count = await hub.catalogue.count(viewer.tenantId, filters);
  const models = all.slice((number - 1) * size, number * size);
  return { models, total_count, page_number: number, page_size: size };
}

/** Their words for an order. */
const SORTS: Readonly<Record<string, Sort>> = {
  default: 'trending',
  downloads: 'downloads',
  likes: 'likes',
  last_modified: 'updated',
};

/** `filter.task` and its like; what this hub does not know of models filters as a tag. */
function filtersOf(query: Readonly<Record<string, string>>) {
  const one = (name: string) => {
    const value = query[`filter.${name}`]?.toLowerCase();
    return value === undefined || value === '' ? undefined : [value];
  };
  const terms = [...(one('model_type') ?? []), ...(one('custom_tag') ?? [])];
  return { task: one('task'), library: one('library'), license: one('license'), terms };
}

function sendFiles(context: Context, revision: RevisionDetail): Response {
  const { Root = '', Recursive, PageNumber, PageSize } = context.req.query();
  const root = Root.replace(/^\/+|\/+$/g, '');
  const entries = listTree(revision.files, root, isSet(Recursive));
  if (entries === null) throw failHub('file.unknown', `There is no folder ${root.slice(0, 200)}.`);
  const size = Math.min(Math.max(Number(PageSize) || FILES_MAX, 1), FILES_MAX);
  const from = (Math.max(Number(PageNumber) || 1, 1) - 1) * size;
  const Files = entries.slice(from, from + size).map((entry) => fileFacts(entry, revision));
  return context.json(enveloped({ Files, TotalCount: entries.length }));
}
