/**
 * Likes: one per account and repository, counted in the transaction that makes or takes it. An account is a
 * tenant: its members together like a thing once, or a company could like itself to the top.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Viewer } from '../repositories/access.ts';
import { selectNamespace } from '../repositories/namespace-store.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Actor } from './discussions.ts';
import { failCommunity } from './errors.ts';
import {
  type LikedRepository,
  type Liker,
  changeCount,
  countLikesLocked,
  deleteLike,
  insertLike,
  selectLiked,
  selectLikedRepositories,
  selectLikers,
} from './like-store.ts';
import type { Liked } from './shapes.ts';

export interface Likes {
  of(viewer: Viewer, at: Repository): Promise<Liked>;
  /** Said twice it is done once. Raises `like.too_many`. */
  like(actor: Actor, at: Repository): Promise<Liked>;
  unlike(viewer: Viewer, at: Repository): Promise<Liked>;
  likers(
    at: Repository,
    page: Readonly<{ after: string | null; limit: number }>,
  ): Promise<readonly Liker[]>;
  /** Of the account that holds the namespace; nothing where nobody does. */
  likedBy(
    viewer: Viewer,
    namespace: string,
    page: Readonly<{ start: number; limit: number }>,
  ): Promise<readonly LikedRepository[]>;
}

/** More than anybody means, and little for a machine that likes everything. */
const LIKES_MAX = 5_000;

export function createLikes(parts: Readonly<{ database: Database; clock: Clock }>): Likes {
  const { database, clock } = parts;
  const of = ({ tenantId }: Viewer, { row }: Repository) =>
    selectLiked(database, { tenantId: row.tenantId, modelId: row.id }, tenantId);
  return {
    of,
    like: async ({ viewer, name }, at) => {
      const { tenantId } = viewer;
      const key = { tenantId: at.row.tenantId, modelId: at.row.id };
      await transaction(database, async (tx) => {
        if ((await countLikesLocked(tx, tenantId)) >= LIKES_MAX) {
          throw failCommunity('like.too_many', `An account likes ${LIKES_MAX} things at most.`);
        }
        const liker = { tenantId, name, likedAt: new Date(clock.nowMs()) };
        if (await insertLike(tx, key, liker)) await changeCount(tx, key, 1);
      });
      return of(viewer, at);
    },
    unlike: async (viewer, at) => {
      const key = { tenantId: at.row.tenantId, modelId: at.row.id };
      await transaction(database, async (tx) => {
        if (await deleteLike(tx, key, viewer.tenantId)) await changeCount(tx, key, -1);
      });
      return of(viewer, at);
    },
    likers: ({ row }, page) =>
      selectLikers(database, { tenantId: row.tenantId, modelId: row.id }, page),
    likedBy: async (viewer, namespace, page) => {
      const likerTenantId = await selectNamespace(database, namespace);
      if (likerTenantId === null) return [];
      const query = { likerTenantId, viewerTenantId: viewer.tenantId, ...page };
      return selectLikedRepositories(database, query);
    },
  };
}
