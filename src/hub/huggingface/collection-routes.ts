/** Collections: `/api/collections`, and `/items` of each. */
import { z } from '@hono/zod-openapi';
import type { Context, Hono } from 'hono';
import { KINDS, linkNext, param, readJson } from '../face/address.ts';
import type { Face } from '../face/parts.ts';
import { collectionEntry } from '../wire/huggingface/discussion.ts';

const title = z.string().trim().min(1).max(120);
const description = z.string().max(2_000);
const note = z.string().max(2_000);
const position = z.number().int().min(0).max(100_000);

const createSchema = z.object({
  title,
  namespace: z.string().min(1).max(100),
  description: description.nullish(),
  private: z.boolean().nullish(),
  item: z.object({ id: z.string().max(300), type: z.string().max(20) }).nullish(),
});
const changeSchema = z.object({
  title: title.optional(),
  description: description.optional(),
  position: position.optional(),
  private: z.boolean().optional(),
  theme: z.string().max(20).optional(),
});
const itemSchema = z.object({
  item: z.object({
    id: z.string().min(1).max(300),
    type: z.enum(['model', 'dataset', 'space', 'collection']),
  }),
  note: note.optional(),
});
const itemChangeSchema = z.object({ note: note.optional(), position: position.optional() });

const ONE = '/api/collections/:owner/:slug';
const ITEM = `${ONE}/items/:item{[0-9a-z_]{1,40}}`;
const PAGE = 50;

export function addCollectionRoutes(api: Hono, face: Face): void {
  const { collections } = face.hub.community;
  api.get('/api/collections', (context) => list(context, face));
  api.post('/api/collections', async (context) => {
    const viewer = await face.writerOf(context);
    const asked = await readJson(context, createSchema);
    const { isNew, collection } = await collections.create(viewer, {
      owner: asked.namespace,
      title: asked.title,
      description: asked.description ?? '',
      isPrivate: asked.private === true,
    });
    if (isNew) return context.json(collectionEntry(collection, 'whole'));
    const { slug } = collection;
    return context.json({ error: `You have a collection ${asked.title} already.`, slug }, 409);
  });
  api.get(ONE, async (context) => {
    const viewer = await face.viewerOf(context);
    const found = await collections.get(viewer, slugOf(context));
    return context.json(collectionEntry(found, 'whole'));
  });
  api.patch(ONE, async (context) => {
    const viewer = await face.writerOf(context);
    const { private: isPrivate, ...asked } = await readJson(context, changeSchema);
    const change = { ...asked, isPrivate };
    const data = collectionEntry(
      await collections.update(viewer, slugOf(context), change),
      'whole',
    );
    return context.json({ success: true, data });
  });
  api.delete(ONE, async (context) => {
    await collections.remove(await face.writerOf(context), slugOf(context));
    return context.json({ success: true });
  });
  api.post(`${ONE}/items`, async (context) => {
    const viewer = await face.writerOf(context);
    const { item, note: text = '' } = await readJson(context, itemSchema);
    const asked = { kind: item.type, name: item.id, note: text };
    const collection = await collections.add(viewer, slugOf(context), asked);
    return context.json(collectionEntry(collection, 'whole'));
  });
  api.patch(ITEM, async (context) => {
    const viewer = await face.writerOf(context);
    const change = await readJson(context, itemChangeSchema);
    await collections.updateItem(viewer, slugOf(context), param(context, 'item'), change);
    return context.json({ success: true });
  });
  api.delete(ITEM, async (context) => {
    const viewer = await face.writerOf(context);
    await collections.removeItem(viewer, slugOf(context), param(context, 'item'));
    return context.json({ success: true });
  });
}

async function list(context: Context, face: Face): Promise<Response> {
  const viewer = await face.viewerOf(context);
  const { limit, cursor, item } = context.req.query();
  const most = Math.min(Math.max(1, Number(limit) || PAGE), PAGE);
  const start = Math.min(Math.max(0, Number(cursor) || 0), 1_000_000);
  const found = await face.hub.community.collections.list(viewer, {
    owners: context.req.queries('owner') ?? [],
    item: item === undefined ? null : itemOf(item),
    start,
    limit: most + 1,
  });
  if (found.length > most) linkNext(context, String(start + most));
  return context.json(
    found.slice(0, most).map((collection) => collectionEntry(collection, 'listed')),
  );
}

/** `models/owner/name`, `collections/owner/title-id`. */
function itemOf(item: string) {
  const [kinds = '', ...rest] = item.split('/');
  return { kind: KINDS[kinds] ?? ('collection' as const), name: rest.join('/') };
}

function slugOf(context: Context): string {
  return `${param(context, 'owner')}/${param(context, 'slug')}`;
}
