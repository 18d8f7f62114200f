/** Collections on our own API: `/cloud/v1/collections`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { body, failure, json } from '#tenancy/route-shapes.ts';
import { type HuggingFaceParts, actorOf } from '../face/parts.ts';
import type { Viewer } from '../repositories/access.ts';
import {
  collectionCreateSchema,
  collectionItemSchema,
  collectionSchema,
  collectionUpdateSchema,
  itemCreateSchema,
  itemUpdateSchema,
} from './shapes.ts';

const tags = ['Collections'];
const PAGE = 60;
const params = z.object({ owner: z.string().max(96), slug: z.string().max(120) });
const itemParams = params.extend({ item: z.string().max(40) });
const one = json(collectionSchema, 'The collection as it is now.');
const path = '/cloud/v1/collections';

const list = createRoute({
  method: 'get',
  tags,
  path,
  summary: 'Collections that you may see, the last changed first',
  request: {
    query: z.object({
      owner: z.string().max(96).optional(),
      /** Those that hold this. */
      kind: collectionItemSchema.shape.kind.optional(),
      name: z.string().max(300).optional(),
      start: z.coerce.number().int().min(0).max(1_000_000).default(0),
    }),
  },
  responses: {
    200: json(
      z.object({ data: z.array(collectionSchema), hasMore: z.boolean() }),
      'A page of them, each with its first items.',
    ),
    default: failure,
  },
});

const create = createRoute({
  method: 'post',
  tags,
  path,
  summary: 'Make a collection',
  request: { body: body(collectionCreateSchema) },
  responses: { 201: one, default: failure },
});

const show = createRoute({
  method: 'get',
  tags,
  path: `${path}/{owner}/{slug}`,
  summary: 'A collection with what you may see of it',
  request: { params },
  responses: { 200: one, default: failure },
});

const update = createRoute({
  method: 'patch',
  tags,
  path: `${path}/{owner}/{slug}`,
  summary: 'Change its title, description, colour or who sees it',
  request: { params, body: body(collectionUpdateSchema) },
  responses: { 200: one, default: failure },
});

const remove = createRoute({
  method: 'delete',
  tags,
  path: `${path}/{owner}/{slug}`,
  summary: 'Delete a collection; what it holds stays',
  request: { params },
  responses: { 204: { description: 'It is gone.' }, default: failure },
});

const add = createRoute({
  method: 'post',
  tags,
  path: `${path}/{owner}/{slug}/items`,
  summary: 'Put something into it',
  request: { params, body: body(itemCreateSchema) },
  responses: { 201: one, default: failure },
});

const updateItem = createRoute({
  method: 'patch',
  tags,
  path: `${path}/{owner}/{slug}/items/{item}`,
  summary: 'Change the note or the place of an item',
  request: { params: itemParams, body: body(itemUpdateSchema) },
  responses: { 200: one, default: failure },
});

const removeItem = createRoute({
  method: 'delete',
  tags,
  path: `${path}/{owner}/{slug}/items/{item}`,
  summary: 'Take something out of it',
  request: { params: itemParams },
  responses: { 200: one, default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createCollectionRoutes(
  parts: Pick<HuggingFaceParts, 'hub' | 'tenancy'>,
): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  const { collections } = parts.hub.community;
  api.openapi(list, async (context) => {
    const { owner, kind, name, start } = context.req.valid('query');
    const found = await collections.list(viewerOf(context), {
      owners: owner === undefined ? [] : [owner],
      item: kind === undefined || name === undefined ? null : { kind, name },
      start,
      limit: PAGE + 1,
    });
    return context.json({ data: found.slice(0, PAGE), hasMore: found.length > PAGE }, 200);
  });
  api.openapi(create, async (context) => {
    const viewer = viewerOf(context);
    const asked = context.req.valid('json');
    const owner = asked.owner ?? (await actorOf(parts, viewer)).name;
    const { collection } = await collections.create(viewer, { ...asked, owner });
    return context.json(collection, 201);
  });
  api.openapi(show, async (context) =>
    context.json(await collections.get(viewerOf(context), slugIn(context.req.valid('param'))), 200),
  );
  api.openapi(update, async (context) => {
    const slug = slugIn(context.req.valid('param'));
    const change = context.req.valid('json');
    return context.json(await collections.update(viewerOf(context), slug, change), 200);
  });
  api.openapi(remove, async (context) => {
    await collections.remove(viewerOf(context), slugIn(context.req.valid('param')));
    return context.body(null, 204);
  });
  api.openapi(add, async (context) => {
    const slug = slugIn(context.req.valid('param'));
    const item = context.req.valid('json');
    return context.json(await collections.add(viewerOf(context), slug, item), 201);
  });
  api.openapi(updateItem, async (context) => {
    const { item, ...where } = context.req.valid('param');
    const change = context.req.valid('json');
    const viewer = viewerOf(context);
    return context.json(await collections.updateItem(viewer, slugIn(where), item, change), 200);
  });
  api.openapi(removeItem, async (context) => {
    const { item, ...where } = context.req.valid('param');
    return context.json(await collections.removeItem(viewerOf(context), slugIn(where), item), 200);
  });
  return api;
}

function viewerOf(
  context: Readonly<{ get: (name: 'principal') => CloudEnv['Variables']['principal'] }>,
): Viewer {
  const principal = context.get('principal');
  requirePermission(principal, 'model.read');
  return { tenantId: principal.tenantId, principal };
}

function slugIn({ owner, slug }: z.output<typeof params>): string {
  return `${owner}/${slug}`;
}
