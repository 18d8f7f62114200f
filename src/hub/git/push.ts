/** A push from its first line to its report: quarantined, judged, made visible at once or not at all. */
import { FlywheelError } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import { fileOf, selectFiles } from '../store.ts';
import { keepBytes } from '../repositories/uploads.ts';
import type { Viewer } from '../repositories/access.ts';
import type { CommitParts } from '../repositories/commits.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Uploads } from '../repositories/uploads.ts';
import { failGit } from './errors.ts';
import { selectRevisionsOf } from './git-store.ts';
import type { GitRefs } from './git-refs.ts';
import type { Mirrors } from './mirror.ts';
import { parseTag } from './parse-object.ts';
import { LineReader, banded, line } from './pkt-line.ts';
import type { GitProgram } from './program.ts';
import { type PlanSources, planPush } from './push-plan.ts';
import { type PushRequest, type RefCommand, pushReport, readPushRequest } from './push-request.ts';
import { writePush } from './push-write.ts';
import { type Quarantine, openQuarantine } from './quarantine.ts';
import { type RefMove, mustGoForward, requireMovable } from './ref-rules.ts';

export type PushParts = CommitParts &
  Readonly<{
    uploads: Pick<Uploads, 'held'>;
    mirrors: Mirrors;
    program: GitProgram;
    folder: string;
    log: Log;
  }>;

export type Pushing = Readonly<{
  viewer: Viewer;
  repository: Repository;
  /** Under whose name it stands in a pull request's thread. */
  author: string;
  body: AsyncIterable<Uint8Array>;
  signal: AbortSignal;
}>;

const KEEP_ALIVE_MS = 10_000;
const KEEP_ALIVE = line(Buffer.from([1]));
const TAG_BYTES_MAX = 100_000;

/** Takes all that is sent, then answers while it works. Raises `git.request_invalid`, `git.missing`. */
export async function receivePush(
  parts: PushParts,
  pushing: Pushing,
): Promise<Readonly<{ answer: AsyncIterable<Uint8Array>; done: Promise<unknown> }>> {
  const reader = new LineReader(pushing.body);
  const request = await readPushRequest(reader);
  // Only to find out whether it may push.
  if (request.commands.length === 0) return { answer: nothing(), done: Promise.resolve() };
  const { row } = pushing.repository;
  const key = { tenantId: row.tenantId, modelId: row.id };
  const { path: mirror, refs } = await parts.mirrors.open(key);
  const { folder, program } = parts;
  const quarantine = await openQuarantine(program, { folder, mirror, signal: pushing.signal });
  const sent = Promise.withResolvers<void>();
  const work = async (): Promise<void> => {
    try {
      const hasPack = request.commands.some(({ newOid }) => newOid !== null);
      if (hasPack) await quarantine.fill(untilEnd(reader.rest(), sent.resolve));
      await judge(parts, pushing, { request, refs, quarantine });
    } finally {
      await quarantine.remove();
    }
  };
  const done = work().then(
    () => null,
    (error: unknown) => wordsOf(error, parts.log),
  );
  // All that is sent is read before the first word of the answer: clients listen only then.
  await Promise.race([sent.promise, done]);
  return { answer: answer(request, done), done };
}

async function* untilEnd(
  source: AsyncIterable<Uint8Array>,
  onEnd: () => void,
): AsyncGenerator<Uint8Array> {
  yield* source;
  onEnd();
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* answer(
  request: PushRequest,
  done: Promise<string | null>,
): AsyncGenerator<Uint8Array> {
  const isBanded = request.capabilities.has('side-band-64k');
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const wait = new Promise<'waiting'>((resolve) => {
      timer = setTimeout(() => resolve('waiting'), KEEP_ALIVE_MS);
    });
    const words = await Promise.race([done, wait]);
    clearTimeout(timer);
    if (words === 'waiting') {
      if (isBanded) yield KEEP_ALIVE;
      continue;
    }
    if (words !== null && isBanded) yield banded('people', `${words}\n`);
    yield pushReport(request, words === null ? null : 'nothing of this push was taken');
    return;
  }
}

/** What a person at a terminal is told. */
function wordsOf(error: unknown, log: Log): string {
  if (error instanceof FlywheelError && error.status < 500) return error.message;
  if (error instanceof FlywheelError && error.status === 507) return error.message;
  log.error('git.push_failed', { error });
  return 'Something went wrong here; nothing of this push was taken.';
}

type Judged = Readonly<{ request: PushRequest; refs: GitRefs; quarantine: Quarantine }>;

async function judge(
  parts: PushParts,
  { viewer, repository, author }: Pushing,
  { request, refs, quarantine }: Judged,
): Promise<void> {
  const { row } = repository;
  const { commands } = request;
  const names = new Map(commands.map((command) => [command.ref, requireMovable(command, refs)]));
  if (names.size < commands.length) throw failGit('git.refused', 'A ref is named twice.');
  const reader = quarantine.read();
  try {
    const tips = await readTips(reader, commands);
    const commitIds = [...tips.values()].map(({ commitId }) => commitId);
    const known = [...new Set([...refs.values()].map(({ commitId }) => commitId))];
    const key = { tenantId: row.tenantId, modelId: row.id };
    const since = commitIds.length === 0 ? [] : await quarantine.commitsSince(commitIds, known);
    const here = await selectRevisionsOf(parts.database, key, since);
    const fresh = since.filter((commitId) => !here.has(commitId));
    for (const command of commands) await requireForward(quarantine, command, refs, names);
    const revisions = await planPush(sourcesOf(parts, viewer, repository, reader), fresh);
    const own = new Set(fresh);
    const revisionOf = await selectRevisionsOf(parts.database, key, commitIds);
    const moves = commands.map((command): RefMove => {
      const named = names.get(command.ref) ?? { kind: 'branch', name: '' };
      const tip = tips.get(command.ref);
      if (tip === undefined) {
        return { ...named, ref: command.ref, revisionId: null, message: '', tagObject: null };
      }
      const { commitId, message, tagObject } = tip;
      const revisionId = own.has(commitId) ? commitId : (revisionOf.get(commitId) ?? null);
      if (revisionId === null)
        throw failGit('git.refused', `${commitId} is no commit of this repository.`);
      if (tagObject !== null && named.kind !== 'tag') {
        throw failGit('git.refused', `${command.ref} is no tag.`);
      }
      const said = revisions.find(({ object }) => object.id === commitId)?.message;
      return { ...named, ref: command.ref, revisionId, message: message ?? said ?? '', tagObject };
    });
    const userId = viewer.principal?.userId ?? null;
    const { tenantId } = viewer;
    await writePush(parts, { row, tenantId, userId, author, refs, moves, revisions });
  } finally {
    await reader.stop();
  }
}

type Tip = Readonly<{ commitId: string; message: string | null; tagObject: Uint8Array | null }>;

/** The commit that each new ref stands for, through a tag if it is one. */
async function readTips(
  reader: ReturnType<Quarantine['read']>,
  commands: readonly RefCommand[],
): Promise<ReadonlyMap<string, Tip>> {
  const tips = new Map<string, Tip>();
  for (const { ref, newOid } of commands) {
    if (newOid === null) continue;
    const found = await reader.read(newOid, TAG_BYTES_MAX);
    if (found?.kind === 'commit')
      tips.set(ref, { commitId: newOid, message: null, tagObject: null });
    else if (found?.kind === 'tag' && found.bytes !== null) {
      const { object, kind, message } = parseTag(found.bytes);
      if (kind !== 'commit') throw failGit('git.refused', `${ref} stands for no commit.`);
      tips.set(ref, { commitId: object, message, tagObject: found.bytes });
    } else throw failGit('git.refused', `${ref} stands for no commit that is here or was sent.`);
  }
  return tips;
}

async function requireForward(
  quarantine: Quarantine,
  { ref, newOid }: RefCommand,
  refs: GitRefs,
  names: ReadonlyMap<string, ReturnType<typeof requireMovable>>,
): Promise<void> {
  const named = names.get(ref);
  const before = refs.get(ref)?.commitId;
  if (named === undefined || !mustGoForward(named) || before === undefined || newOid === null)
    return;
  const left = await quarantine.commitsSince([before], [newOid]);
  if (left.length === 0) return;
  throw failGit(
    'git.refused',
    `${ref} only goes forward: this push would drop ${left.length} of its commits. Fetch and rebase, or push to another branch.`,
  );
}

function sourcesOf(
  parts: PushParts,
  viewer: Viewer,
  { row }: Repository,
  reader: ReturnType<Quarantine['read']>,
): PlanSources {
  const key = { tenantId: row.tenantId, modelId: row.id };
  return {
    reader,
    known: async (commitId) => {
      const id = (await selectRevisionsOf(parts.database, key, [commitId])).get(commitId);
      if (id === undefined) return null;
      const rows = await selectFiles(parts.database, { ...key, revisionIds: [id] });
      return { id, files: rows.map((file) => fileOf(file)) };
    },
    keep: async (files) => {
      const kept = [];
      for (const bytes of files) kept.push(await keepBytes(parts, viewer.tenantId, bytes));
      return kept;
    },
    held: (sha256s) => parts.uploads.held(viewer.tenantId, sha256s),
  };
}
