/** How ModelScope's clients address repositories and say who they are. */
import type { Context } from 'hono';
import type { Tenancy } from '#tenancy/tenancy.ts';
import type { Clock } from '#platform/clock.ts';
import { secretOf } from '#tenancy/access.ts';
import type { RepositoryKind } from '../api.ts';
import type { Hub } from '../hub.ts';
import type { Access } from '../repositories/access.ts';
import { type RepositoryId, unknownRepository } from '../repositories/repositories.ts';
import { param } from '../face/address.ts';
import type { Face, Seen } from '../face/parts.ts';
import { createReadViewer, createWriteViewer } from '../face/viewer.ts';

export type ModelScopeParts = Readonly<{
  hub: Hub;
  tenancy: Pick<Tenancy, 'authenticate' | 'me' | 'publicUrl'>;
  clock: Clock;
}>;

/** A studio is their word for an application. */
const KINDS: Readonly<Record<string, RepositoryKind>> = {
  models: 'model',
  datasets: 'dataset',
  studios: 'space',
};

/** The group keeps the alternatives inside one segment, whichever router Hono takes. */
export const KIND_PATTERN = ':kinds{(?:models|datasets|studios)}';
export const REPOSITORY = `/api/v1/${KIND_PATTERN}/:owner/:name`;

export function kindOf(context: Context): RepositoryKind {
  return KINDS[param(context, 'kinds')] ?? 'model';
}

export function idOf(context: Context): RepositoryId {
  return { kind: kindOf(context), name: `${param(context, 'owner')}/${param(context, 'name')}` };
}

/** Their first branch is `master`. */
export function revisionOf(name: string | undefined): string {
  return name === undefined || name === '' || name === 'master' ? 'main' : name;
}

export function createFace(parts: ModelScopeParts): Face {
  const authenticate = (headers: Headers) => parts.tenancy.authenticate(withCookieToken(headers));
  const viewerOf = createReadViewer({ authenticate }, parts.clock);
  return { ...parts, viewerOf, writerOf: createWriteViewer(viewerOf, parts.tenancy) };
}

/** Older clients show their token in a cookie alone; a session of the console has another name. */
function withCookieToken(headers: Headers): Headers {
  if (secretOf(headers) !== null) return headers;
  const token = /(?:^|;\s*)m_session_id=([^;\s]+)/.exec(headers.get('cookie') ?? '')?.[1];
  if (token === undefined) return headers;
  const shown = new Headers(headers);
  shown.delete('cookie');
  shown.set('authorization', `Bearer ${token}`);
  return shown;
}

/** Raises `model.unknown`, also for what is somebody else's and private. */
export async function seenBy(
  { hub, viewerOf }: Face,
  context: Context,
  id: RepositoryId,
): Promise<Seen> {
  const viewer = await viewerOf(context);
  const repository = await hub.repositories.find(viewer, id);
  if (repository === null || repository.row.latestRevisionId === null) throw unknownRepository(id);
  return { viewer, repository };
}

/** Raises `auth.missing`, `model.unknown`, `model.not_yours`. */
export async function changeableBy(
  { hub, writerOf }: Face,
  context: Context,
  id: RepositoryId,
  needed: Access,
): Promise<Seen> {
  const viewer = await writerOf(context);
  return { viewer, repository: await hub.repositories.require(viewer, id, needed) };
}
