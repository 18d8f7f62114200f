/** The HTTP edge of drafts: `/cloud/v1/price-drafts` and what is done with one. For the operator's members. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema, pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, type Principal, requirePermission } from '#tenancy/principal.ts';
import {
  priceDiffSchema,
  priceDraftActSchema,
  priceDraftCreateSchema,
  priceDraftSchema,
  priceDraftUpdateSchema,
  priceSimulationSchema,
} from './api.ts';
import type { PriceBook } from './price-book.ts';

const failure = {
  description: 'Refused; the body says why.',
  content: { 'application/json': { schema: errorSchema } },
};

const params = z.object({ id: z.string().max(200) });

const answers = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});

const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});

const listDrafts = createRoute({
  method: 'get',
  path: '/cloud/v1/price-drafts',
  request: {
    query: pageQuerySchema.extend({ state: priceDraftSchema.shape.state.optional() }),
  },
  responses: {
    200: answers(
      'Drafts, the last made first.',
      z.object({ data: z.array(priceDraftSchema), nextCursor: z.string().nullable() }),
    ),
    default: failure,
  },
});

const createDraft = createRoute({
  method: 'post',
  path: '/cloud/v1/price-drafts',
  request: { body: body(priceDraftCreateSchema) },
  responses: { 201: answers('The draft.', priceDraftSchema), default: failure },
});

const getDraft = createRoute({
  method: 'get',
  path: '/cloud/v1/price-drafts/{id}',
  request: { params },
  responses: { 200: answers('The draft.', priceDraftSchema), default: failure },
});

const updateDraft = createRoute({
  method: 'put',
  path: '/cloud/v1/price-drafts/{id}',
  request: { params, body: body(priceDraftUpdateSchema) },
  responses: {
    200: answers('The draft, at its next revision and approved by nobody.', priceDraftSchema),
    default: failure,
  },
});

const discardDraft = createRoute({
  method: 'delete',
  path: '/cloud/v1/price-drafts/{id}',
  request: { params },
  responses: { 204: { description: 'It is discarded, and stays to be read.' }, default: failure },
});

const approveDraft = createRoute({
  method: 'post',
  path: '/cloud/v1/price-drafts/{id}/approval',
  request: { params, body: body(priceDraftActSchema) },
  responses: { 200: answers('The draft, approved.', priceDraftSchema), default: failure },
});

const publishDraft = createRoute({
  method: 'post',
  path: '/cloud/v1/price-drafts/{id}/publication',
  request: { params, body: body(priceDraftActSchema) },
  responses: {
    200: answers('The draft, published: all of its prices are versions now.', priceDraftSchema),
    default: failure,
  },
});

const diffDraft = createRoute({
  method: 'get',
  path: '/cloud/v1/price-drafts/{id}/diff',
  request: { params },
  responses: { 200: answers('What it changes.', priceDiffSchema), default: failure },
});

const simulateDraft = createRoute({
  method: 'get',
  path: '/cloud/v1/price-drafts/{id}/simulation',
  request: {
    params,
    query: z.object({
      /** Without them the last 30 days. */
      from: z.iso.datetime().optional(),
      to: z.iso.datetime().optional(),
      /** Where the draft has prices in several; that of its first one. */
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/)
        .optional(),
    }),
  },
  responses: {
    200: answers('Past usage by its prices, by tenant and model.', priceSimulationSchema),
    default: failure,
  },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createDraftRoutes(book: PriceBook): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  const editor = (principal: Principal): Principal => {
    requirePermission(principal, 'price.write');
    return principal;
  };
  app.openapi(listDrafts, async (context) => {
    const { tenantId } = editor(context.get('principal'));
    const { state = null, cursor = null, limit } = context.req.valid('query');
    const query = { state, beforeId: cursor, limit: limit + 1 };
    const drafts = await book.drafts.list(tenantId, query);
    const data = drafts.slice(0, limit);
    const nextCursor = drafts.length > limit ? (data.at(-1)?.id ?? null) : null;
    return context.json({ data, nextCursor }, 200);
  });
  app.openapi(createDraft, async (context) => {
    const actor = await book.actorOf(editor(context.get('principal')));
    return context.json(await book.drafts.create(actor, context.req.valid('json')), 201);
  });
  app.openapi(getDraft, async (context) => {
    const { tenantId } = editor(context.get('principal'));
    return context.json(await book.drafts.get(tenantId, context.req.valid('param').id), 200);
  });
  app.openapi(updateDraft, async (context) => {
    const actor = await book.actorOf(editor(context.get('principal')));
    const { revision, ...draft } = context.req.valid('json');
    const wanted = { id: context.req.valid('param').id, revision };
    return context.json(await book.drafts.update(actor, wanted, draft), 200);
  });
  app.openapi(discardDraft, async (context) => {
    const actor = await book.actorOf(editor(context.get('principal')));
    await book.drafts.discard(actor, context.req.valid('param').id);
    return context.body(null, 204);
  });
  app.openapi(approveDraft, async (context) => {
    const actor = await book.actorOf(editor(context.get('principal')));
    const wanted = { ...context.req.valid('param'), ...context.req.valid('json') };
    return context.json(await book.drafts.approve(actor, wanted), 200);
  });
  app.openapi(publishDraft, async (context) => {
    const actor = await book.actorOf(editor(context.get('principal')));
    const wanted = { ...context.req.valid('param'), ...context.req.valid('json') };
    return context.json(await book.drafts.publish(actor, wanted), 200);
  });
  app.openapi(diffDraft, async (context) => {
    const { tenantId } = editor(context.get('principal'));
    const draft = await book.drafts.get(tenantId, context.req.valid('param').id);
    return context.json(await book.studies.diff(tenantId, draft), 200);
  });
  app.openapi(simulateDraft, async (context) => {
    const { tenantId } = editor(context.get('principal'));
    const draft = await book.drafts.get(tenantId, context.req.valid('param').id);
    const { from, to, currency } = context.req.valid('query');
    const range = { fromMs: instantOf(from), toMs: instantOf(to), currency };
    return context.json(await book.studies.simulate(tenantId, draft, range), 200);
  });
  return app;
}

function instantOf(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time);
}
