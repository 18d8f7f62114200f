/** The HTTP edge of invoices: `/cloud/v1/{invoices,credit-notes,billing-terms,receivables}`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { parseAmount } from '#ledger/money.ts';
import { pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, type Principal, requirePermission } from '#tenancy/principal.ts';
import { body, failure, json } from '#tenancy/route-shapes.ts';
import {
  FORMATS,
  billingProfileSchema,
  billingTermsSchema,
  billingTermsUpdateSchema,
  closeSchema,
  closedSchema,
  creditNoteCreateSchema,
  creditNoteSchema,
  invoiceDetailSchema,
  invoiceRequestSchema,
  invoiceSchema,
  previewSchema,
  receivablesSchema,
} from './api.ts';
import type { Download } from './download.ts';
import { fail } from './errors.ts';
import type { Invoices, Scope } from './invoices.ts';
import { SOURCES } from './usage-lines.ts';

const tags = ['Invoices'];
/** An id, or the number on the paper. */
const params = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
/** Another tenant's; for the operator. */
const tenantId = z.string().min(1).max(100).optional();
const format = z.enum(FORMATS).default('pdf');

const list = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/invoices',
  request: {
    query: pageQuerySchema.extend({
      tenantId,
      state: z.enum(['open', 'paid', 'uncollectible', 'void']).optional(),
      overdue: z.enum(['true', 'false']).optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ data: z.array(invoiceSchema), nextCursor: z.string().nullable() }),
      'Invoices, newest first; `tenantId=all` is every tenant, for the operator.',
    ),
    default: failure,
  },
});
const preview = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/invoices/preview',
  request: { query: z.object({ tenantId }) },
  responses: { 200: json(previewSchema, 'What the open month comes to so far.'), default: failure },
});
const show = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/invoices/{id}',
  request: { params },
  responses: { 200: json(invoiceDetailSchema, 'The invoice and its paper.'), default: failure },
});
const requests = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/invoices/{id}/requests',
  request: {
    params,
    query: z.object({
      /** With `preview` for the invoice. */
      tenantId,
      /** The `key` of a line. */
      line: z.string().min(1).max(100).optional(),
      source: z.enum(SOURCES).optional(),
      sourceId: z.string().min(1).max(100).optional(),
      cursor: z.string().max(300).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
  },
  responses: {
    200: json(
      z.object({ data: z.array(invoiceRequestSchema), nextCursor: z.string().nullable() }),
      'The requests behind a line, or behind what one source paid, newest first; `preview` is the open month.',
    ),
    default: failure,
  },
});
const close = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/invoices/close',
  request: { body: body(closeSchema) },
  responses: {
    200: json(closedSchema, 'The invoice of the period; closing again changes nothing.'),
    default: failure,
  },
});
const credit = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/invoices/{id}/credit-notes',
  request: { params, body: body(creditNoteCreateSchema) },
  responses: { 201: json(creditNoteSchema, 'The credit note.'), default: failure },
});
const giveUp = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/invoices/{id}/uncollectible',
  request: { params },
  responses: { 200: json(invoiceSchema, 'It is not expected any more.'), default: failure },
});
const readTerms = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/billing-terms',
  request: { query: z.object({ tenantId }) },
  responses: { 200: json(billingTermsSchema, 'How the tenant is billed.'), default: failure },
});
const setTerms = createRoute({
  method: 'patch',
  tags,
  path: '/cloud/v1/billing-terms/{tenantId}',
  request: {
    params: z.object({ tenantId: z.string().min(1).max(100) }),
    body: body(billingTermsUpdateSchema),
  },
  responses: { 200: json(billingTermsSchema, 'The terms as they are now.'), default: failure },
});
const setProfile = createRoute({
  method: 'patch',
  tags,
  path: '/cloud/v1/billing-terms',
  request: { body: body(billingProfileSchema) },
  responses: { 200: json(billingTermsSchema, 'What stands on invoices now.'), default: failure },
});
const readReceivables = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/receivables',
  responses: { 200: json(receivablesSchema, 'What tenants owe.'), default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createInvoiceRoutes(invoices: Invoices): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  readRoutes(app, invoices);
  downloadRoutes(app, invoices);
  operatorRoutes(app, invoices);
  return app;
}

function readRoutes(app: OpenAPIHono<CloudEnv>, invoices: Invoices): void {
  app.openapi(list, async (context) => {
    const principal = reader(context.get('principal'));
    const { cursor, limit, overdue, state = null, tenantId: asked } = context.req.valid('query');
    const found = await invoices.list({
      tenantId: scopeOf(principal, asked),
      state,
      isOverdue: overdue === 'true',
      before: parseCursor(cursor),
      limit: limit + 1,
    });
    const data = found.slice(0, limit);
    const last = found.length > limit ? data.at(-1) : undefined;
    const nextCursor =
      last === undefined ? null : `${Date.parse(last.finalizedAt).toString()}.${last.id}`;
    return context.json({ data, nextCursor }, 200);
  });
  app.openapi(preview, async (context) => {
    const principal = reader(context.get('principal'));
    const tenant = oneTenant(principal, context.req.valid('query').tenantId);
    return context.json(await invoices.preview(tenant), 200);
  });
  app.openapi(readTerms, async (context) => {
    const principal = reader(context.get('principal'));
    const tenant = oneTenant(principal, context.req.valid('query').tenantId);
    return context.json(await invoices.terms(tenant), 200);
  });
  app.openapi(setProfile, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payment.write');
    const { tenantId: own, userId } = principal;
    const change = context.req.valid('json');
    return context.json(await invoices.changeTerms({ tenantId: own, change, userId }), 200);
  });
  app.openapi(show, async (context) => {
    const principal = reader(context.get('principal'));
    const { id } = context.req.valid('param');
    return context.json(await invoices.show(wholeScope(principal), id), 200);
  });
  app.openapi(requests, async (context) => {
    const principal = reader(context.get('principal'));
    const { id } = context.req.valid('param');
    const asked = context.req.valid('query');
    const { line = null, source = null, sourceId = null, cursor = null, limit } = asked;
    const query = { line, source, sourceId, cursor, limit };
    const page =
      id === 'preview'
        ? await invoices.previewRequests(oneTenant(principal, asked.tenantId), query)
        : await invoices.requests(wholeScope(principal), id, query);
    return context.json(page, 200);
  });
}

/** Files are not JSON and stay out of the description. */
function downloadRoutes(app: OpenAPIHono<CloudEnv>, invoices: Invoices): void {
  const formatOf = (text: string | undefined) => {
    const parsed = format.safeParse(text);
    if (parsed.success) return parsed.data;
    throw fail('invoice.format_unknown', `A paper is one of ${FORMATS.join(', ')}.`, {
      param: 'format',
    });
  };
  app.get('/cloud/v1/invoices/preview/download', async (context) => {
    const principal = reader(context.get('principal'));
    const tenant = oneTenant(principal, context.req.query('tenantId'));
    return file(await invoices.downloadPreview(tenant, formatOf(context.req.query('format'))));
  });
  app.get('/cloud/v1/invoices/:id/download', async (context) => {
    const scope = wholeScope(reader(context.get('principal')));
    const wanted = formatOf(context.req.query('format'));
    return file(await invoices.download(scope, context.req.param('id'), wanted));
  });
  app.get('/cloud/v1/credit-notes/:id/download', async (context) => {
    const scope = wholeScope(reader(context.get('principal')));
    const wanted = formatOf(context.req.query('format'));
    return file(await invoices.downloadNote(scope, context.req.param('id'), wanted));
  });
}

function operatorRoutes(app: OpenAPIHono<CloudEnv>, invoices: Invoices): void {
  app.openapi(close, async (context) => {
    requirePermission(context.get('principal'), 'payment.record');
    const { tenantId: tenant, period = null } = context.req.valid('json');
    const { label, invoice } = await invoices.close({ tenantId: tenant, label: period });
    return context.json({ period: label, invoice }, 200);
  });
  app.openapi(credit, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payment.record');
    const { amount, ...wish } = context.req.valid('json');
    const note = await invoices.credit(context.req.valid('param').id, {
      ...wish,
      amountPico: amount === undefined ? null : parseAmount(amount),
      createdBy: principal.userId,
    });
    return context.json(note, 201);
  });
  app.openapi(giveUp, async (context) => {
    requirePermission(context.get('principal'), 'payment.record');
    return context.json(await invoices.markUncollectible(context.req.valid('param').id), 200);
  });
  app.openapi(setTerms, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payment.record');
    const { tenantId: tenant } = context.req.valid('param');
    const { userId } = principal;
    const change = context.req.valid('json');
    return context.json(await invoices.changeTerms({ tenantId: tenant, change, userId }), 200);
  });
  app.openapi(readReceivables, async (context) => {
    requirePermission(context.get('principal'), 'payment.record');
    return context.json(await invoices.receivables(), 200);
  });
}

/** Raises `access.denied`. */
function reader(principal: Principal): Principal {
  requirePermission(principal, 'payment.read');
  return principal;
}

/** The operator may look at any paper by its id. */
function wholeScope({ tenantId: own, tenantKind }: Principal): Scope {
  return tenantKind === 'operator' ? null : own;
}

/** Raises `invoice.tenant_unknown`, so that nobody learns which tenants exist. */
function scopeOf(principal: Principal, asked: string | undefined): Scope {
  if (asked === undefined || asked === principal.tenantId) return principal.tenantId;
  if (principal.tenantKind !== 'operator') {
    throw fail('invoice.tenant_unknown', 'There is no such tenant.', { param: 'tenantId' });
  }
  return asked === 'all' ? null : asked;
}

function oneTenant(principal: Principal, asked: string | undefined): string {
  const scope = scopeOf(principal, asked);
  if (scope === null) throw fail('invoice.tenant_unknown', 'Name one tenant.');
  return scope;
}

function parseCursor(cursor: string | undefined) {
  const match = /^(\d{1,16})\.(inv_\w{1,60})$/.exec(cursor ?? '');
  if (match === null) return null;
  return { finalizedAtMs: Number(match[1]), id: match[2] ?? '' };
}

function file({ name, contentType, bytes }: Download): Response {
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': contentType,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}
