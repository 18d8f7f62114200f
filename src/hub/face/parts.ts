/** What every part of the face is built of: the hub, who calls, and what it may do. */
import type { Context } from 'hono';
import type { Clock } from '#platform/clock.ts';
import type { Tenancy } from '#tenancy/tenancy.ts';
import type { Actor } from '../community/discussions.ts';
import type { Hub } from '../hub.ts';
import type { Access, Viewer } from '../repositories/access.ts';
import { type Repository, unknownRepository } from '../repositories/repositories.ts';
import { idOf } from './address.ts';
import type { ReadViewer } from './viewer.ts';

export type HuggingFaceParts = Readonly<{
  hub: Hub;
  tenancy: Pick<Tenancy, 'authenticate' | 'me' | 'publicUrl'>;
  clock: Clock;
}>;

export type Face = HuggingFaceParts & Readonly<{ viewerOf: ReadViewer; writerOf: ReadViewer }>;

export type Seen = Readonly<{ viewer: Viewer; repository: Repository }>;

/** Raises `model.unknown`, also for what is somebody else's and private. */
export async function seen({ hub, viewerOf }: Face, context: Context): Promise<Seen> {
  const viewer = await viewerOf(context);
  const id = idOf(context);
  const repository = await hub.repositories.find(viewer, id);
  if (repository === null || repository.row.latestRevisionId === null) throw unknownRepository(id);
  return { viewer, repository };
}

/** Raises `auth.missing`, `model.unknown`, `model.not_yours`. */
export async function changeable(
  { hub, writerOf }: Face,
  context: Context,
  needed: Access,
): Promise<Seen> {
  const viewer = await writerOf(context);
  return { viewer, repository: await hub.repositories.require(viewer, idOf(context), needed) };
}

/** Who speaks, under the first of the tenant's namespaces, as `whoami` names it. */
export async function actorOf(
  { hub, tenancy }: Pick<HuggingFaceParts, 'hub' | 'tenancy'>,
  viewer: Viewer,
): Promise<Actor> {
  if (viewer.principal === null) return { viewer, name: '' };
  const { tenant } = await tenancy.me(viewer.principal);
  const [own] = await hub.repositories.namespacesOf(tenant);
  return { viewer, name: own ?? tenant.name };
}

/** Whose name stands under a commit. */
export async function authorOf({ tenancy }: Face, { principal }: Viewer): Promise<string> {
  if (principal === null) return '';
  const { member, tenant } = await tenancy.me(principal);
  return member?.name ?? tenant.name;
}
