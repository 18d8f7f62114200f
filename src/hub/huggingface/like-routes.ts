/** Likes: of a repository, and of whoever likes. */
import type { Context, Hono } from 'hono';
import { REPOSITORY, linkNext, param } from '../face/address.ts';
import { type Face, actorOf, seen } from '../face/parts.ts';

const PAGE = 100;

export function addLikeRoutes(api: Hono, face: Face): void {
  const { likes } = face.hub.community;
  api.post(`${REPOSITORY}/like`, async (context) => {
    const viewer = await face.writerOf(context);
    const { repository } = await seen(face, context);
    return context.json(await likes.like(await actorOf(face, viewer), repository));
  });
  api.delete(`${REPOSITORY}/like`, async (context) => {
    const viewer = await face.writerOf(context);
    const { repository } = await seen(face, context);
    return context.json(await likes.unlike(viewer, repository));
  });
  api.get(`${REPOSITORY}/likers`, async (context) => {
    const { repository } = await seen(face, context);
    const after = context.req.query('cursor') ?? null;
    const found = await likes.likers(repository, { after, limit: PAGE + 1 });
    const next = found[PAGE - 1];
    if (found.length > PAGE && next !== undefined) linkNext(context, next.tenantId);
    return context.json(
      found
        .slice(0, PAGE)
        .map(({ name }) => ({ user: name, fullname: name, avatarUrl: '', type: 'user' })),
    );
  });
  api.get('/api/users/:user/likes', async (context) => {
    const viewer = await face.viewerOf(context);
    const start = pageOf(context);
    const page = { start, limit: PAGE + 1 };
    const found = await likes.likedBy(viewer, param(context, 'user'), page);
    if (found.length > PAGE) linkNext(context, String(start + PAGE));
    return context.json(
      found.slice(0, PAGE).map(({ kind, name, likedAt }) => ({
        createdAt: likedAt.toISOString(),
        repo: { name, type: kind },
      })),
    );
  });
}

function pageOf(context: Context): number {
  return Math.min(Math.max(0, Number(context.req.query('cursor')) || 0), 1_000_000);
}
