/** The HTTP edge of the price book as a whole: files in and out, who did what, and whether two members look. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema, pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import {
  BOOK_FORMATS,
  priceDraftSchema,
  priceEventSchema,
  priceImportSchema,
  priceSettingsSchema,
} from './api.ts';
import type { PriceBook } from './price-book.ts';

const failure = {
  description: 'Refused; the body says why.',
  content: { 'application/json': { schema: errorSchema } },
};

const exportBook = createRoute({
  method: 'get',
  path: '/cloud/v1/price-book',
  request: {
    query: z.object({
      format: z.enum(BOOK_FORMATS).default('json'),
      /** That draft instead of what is in force or coming; for the operator. */
      draftId: z.string().max(200).optional(),
    }),
  },
  responses: {
    200: {
      description: 'The file.',
      content: {
        'text/csv': { schema: z.string() },
        'application/json': { schema: z.string() },
      },
    },
    default: failure,
  },
});

const importBook = createRoute({
  method: 'post',
  path: '/cloud/v1/price-imports',
  request: {
    body: { required: true, content: { 'application/json': { schema: priceImportSchema } } },
  },
  responses: {
    201: {
      description: 'A draft of all that differs from what is published.',
      content: { 'application/json': { schema: priceDraftSchema } },
    },
    default: failure,
  },
});

const listEvents = createRoute({
  method: 'get',
  path: '/cloud/v1/price-events',
  request: { query: pageQuerySchema.extend({ draftId: z.string().max(200).optional() }) },
  responses: {
    200: {
      description: 'Who did what to prices, the last first.',
      content: {
        'application/json': {
          schema: z.object({ data: z.array(priceEventSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    default: failure,
  },
});

const settings = {
  description: 'How prices are published.',
  content: { 'application/json': { schema: priceSettingsSchema } },
};

const getSettings = createRoute({
  method: 'get',
  path: '/cloud/v1/price-settings',
  responses: { 200: settings, default: failure },
});

const setSettings = createRoute({
  method: 'put',
  path: '/cloud/v1/price-settings',
  request: {
    body: { required: true, content: { 'application/json': { schema: priceSettingsSchema } } },
  },
  responses: { 200: settings, default: failure },
});

const TYPES = { csv: 'text/csv; charset=utf-8', json: 'application/json' } as const;

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createBookRoutes(book: PriceBook): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(exportBook, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'price.read');
    const { format, draftId } = context.req.valid('query');
    const { tenantId, tenantKind } = principal;
    const headers = { 'content-type': TYPES[format] };
    if (draftId === undefined) {
      const viewer = { tenantId, isOperator: tenantKind === 'operator' };
      return context.body(await book.exportBook(viewer, format), 200, headers);
    }
    requirePermission(principal, 'price.write');
    const draft = await book.drafts.get(tenantId, draftId);
    return context.body(book.exportDraft(draft, format), 200, headers);
  });
  app.openapi(importBook, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'price.write');
    const actor = await book.actorOf(principal);
    return context.json(await book.importBook(actor, context.req.valid('json')), 201);
  });
  app.openapi(listEvents, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'price.write');
    const { draftId = null, cursor = null, limit } = context.req.valid('query');
    const query = { draftId, beforeId: cursor, limit: limit + 1 };
    const events = await book.oversight.events(principal.tenantId, query);
    const data = events.slice(0, limit);
    const nextCursor = events.length > limit ? (data.at(-1)?.id ?? null) : null;
    return context.json({ data, nextCursor }, 200);
  });
  app.openapi(getSettings, async (context) => {
    requirePermission(context.get('principal'), 'price.write');
    return context.json({ requiresApproval: await book.oversight.requiresApproval() }, 200);
  });
  app.openapi(setSettings, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'price.govern');
    const wanted = context.req.valid('json');
    const actor = await book.actorOf(principal);
    await book.oversight.setRequiresApproval(actor, wanted.requiresApproval);
    return context.json(wanted, 200);
  });
  return app;
}
