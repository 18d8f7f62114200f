/** What the reading routes answer: lists, a model's facts, its tree. */
import type { Context } from 'hono';
import { CARD_BYTES_MAX, parseCard } from '../card.ts';
import { failHub } from '../errors.ts';
import type { Hub } from '../hub.ts';
import type { RevisionDetail } from '../serving.ts';
import type { FileScan } from '../safety/scan.ts';
import { type TreeEntry, listTree } from '../wire/huggingface/git-object.ts';
import { securityStatus } from '../wire/huggingface/security.ts';
import { type CardFields, modelInfo, treeEntry } from '../wire/huggingface/model-info.ts';
import type { HistoryRow } from '../repositories/commit-store.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Viewer } from '../repositories/access.ts';
import { isSet, linkNext, param } from '../face/address.ts';

export type FoundRevision = Readonly<{
  viewer: Viewer;
  repository: Repository;
  revision: RevisionDetail;
}>;

/** llama.cpp takes no second page. */
const TREE_PAGE = 1_000;
const TREE_PAGE_EXPANDED = 50;
/** What their client sends at once. */
const PATHS_MAX = 1_000;
const COMMITS_PAGE = 1_000;

/** `GET /api/models/{id}` and `…/revision/{revision}`. */
export async function sendInfo(
  context: Context,
  hub: Hub,
  { viewer, repository, revision }: FoundRevision,
): Promise<Response> {
  const { id: sha, files } = revision;
  const model = await hub.repositories.describe(viewer, repository);
  const card = await readCard(hub, revision);
  const expand = ['expand', 'expand[]'].flatMap((name) => context.req.queries(name) ?? []);
  const hasBlobs = isSet(context.req.query('blobs'));
  return context.json(modelInfo(model, { sha, files, card }, { hasBlobs, expand }));
}

/** `GET …/commits/{revision}`: from there back, the newest first. */
export async function listCommits(
  context: Context,
  hub: Hub,
  repository: Repository,
): Promise<Response> {
  const commits = await hub.history.log(repository, param(context, 'revision'));
  context.header('x-total-count', String(commits.length));
  const page = Number(context.req.query('p')) || 0;
  const limit = Math.min(Number(context.req.query('limit')) || COMMITS_PAGE, COMMITS_PAGE);
  return context.json(
    commits.slice(page * limit, (page + 1) * limit).map(({ id, message, author, createdAt }) => ({
      id,
      title: titleOf(message),
      message: message.split('\n').slice(1).join('\n').trim(),
      date: createdAt.toISOString(),
      authors: author === '' ? [] : [{ user: author }],
    })),
  );
}

function titleOf(message: string): string {
  return message === '' ? 'Publish' : (message.split('\n')[0] ?? '');
}

/** `GET …/tree/{revision}/{path}`. Raises `file.unknown` for a folder that is not there. */
export async function sendTree(
  context: Context,
  hub: Hub,
  found: FoundRevision,
): Promise<Response> {
  const { revision } = found;
  const path = param(context, 'path');
  const isExpanded = isSet(context.req.query('expand'));
  const entries = listTree(revision.files, path, isSet(context.req.query('recursive')));
  if (entries === null) {
    context.set('commit', revision.id);
    throw failHub('file.unknown', `There is no folder ${path.slice(0, 200)}.`);
  }
  const limit = isExpanded ? TREE_PAGE_EXPANDED : TREE_PAGE;
  const cursor = context.req.query('cursor');
  const from = cursor === undefined ? 0 : entries.findIndex((entry) => entry.path === cursor);
  if (from === -1) throw failHub('list.cursor_invalid', 'The cursor is not one that a tree gave.');
  const next = entries[from + limit];
  if (next !== undefined) linkNext(context, next.path);
  const shown = entries.slice(from, from + limit);
  return context.json(await present(hub, shown, found, isExpanded));
}

/** `POST …/paths-info/{revision}`, form or JSON: what is missing is left out. */
export async function sendPaths(
  context: Context,
  hub: Hub,
  found: FoundRevision,
): Promise<Response> {
  const isJson = context.req.header('content-type')?.includes('json') === true;
  const body: unknown = isJson
    ? await context.req.json<unknown>()
    : await context.req.parseBody({ all: true });
  const fields = typeof body === 'object' && body !== null ? body : {};
  const paths = 'paths' in fields ? [fields.paths].flat().map(String).slice(0, PATHS_MAX) : [];
  const isExpanded = 'expand' in fields && isSet(String(fields.expand));
  const wanted = new Set(paths.map((path) => path.replace(/^\/+|\/+$/g, '')));
  const entries = (listTree(found.revision.files, '', true) ?? []).filter(({ path }) =>
    wanted.has(path),
  );
  return context.json(await present(hub, entries, found, isExpanded));
}

async function present(
  hub: Hub,
  entries: readonly TreeEntry[],
  { repository, revision }: FoundRevision,
  isExpanded: boolean,
) {
  const commits = isExpanded ? await hub.history.lastCommits(repository, revision) : null;
  const files = entries.flatMap((entry) => (entry.kind === 'file' ? [entry.file] : []));
  const xetHashes = await hub.xetHashesOf(files.map(({ sha256 }) => sha256));
  const scans = isExpanded ? await hub.scans.of(files) : new Map<string, FileScan>();
  return entries.map((entry) => ({
    ...treeEntry(entry, lastCommitOf(commits?.get(entry.path)), xetHashes),
    ...(isExpanded && entry.kind === 'file' && securityStatus(scans.get(entry.file.sha256))),
  }));
}

function lastCommitOf(commit: HistoryRow | undefined) {
  if (commit === undefined) return null;
  return { id: commit.id, title: titleOf(commit.message), date: commit.createdAt.toISOString() };
}

async function readCard(hub: Hub, { files }: RevisionDetail): Promise<CardFields> {
  const readme = files.find(({ path }) => path === 'README.md');
  if (readme === undefined) return new Map();
  const end = Math.min(readme.sizeBytes, CARD_BYTES_MAX);
  const parts: Uint8Array[] = [];
  for await (const part of await hub.readBlob(readme.sha256, { start: 0, end })) parts.push(part);
  return parseCard(Buffer.concat(parts).toString('utf8')).fields;
}
