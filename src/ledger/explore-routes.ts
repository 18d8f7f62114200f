/** The explorer's HTTP edge: `/cloud/v1/ledger/accounts`, `/account-lines` and `/entries/{id}`; the operator's. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { accountLineSchema, ledgerAccountSchema, ledgerEntrySchema } from './api.ts';
import type { Explorer } from './explore.ts';

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

const listOf = <T extends z.ZodType>(schema: T) =>
  z.object({ data: z.array(schema), nextCursor: z.string().nullable() });

const failure = { default: json(errorSchema, 'Refused; the body says why.') };
const tags = ['Ledger'];
const limit = z.coerce.number().int().min(1).max(200).default(50);

const listAccounts = createRoute({
  method: 'get',
  path: '/cloud/v1/ledger/accounts',
  tags,
  request: {
    query: z.object({
      /** A part of the id, or of the tenant's name. */
      search: z.string().min(1).max(200).optional(),
      kind: z.string().min(1).max(30).optional(),
      tenantId: z.string().min(1).max(100).optional(),
      cursor: z.string().max(200).optional(),
      limit,
    }),
  },
  responses: { 200: json(listOf(ledgerAccountSchema), 'Accounts and what they hold.'), ...failure },
});

const listLines = createRoute({
  method: 'get',
  path: '/cloud/v1/ledger/account-lines',
  tags,
  request: {
    query: z.object({
      /** Without one there is nothing to show. */
      accountId: z.string().max(200).default(''),
      cursor: z.coerce.number().int().min(1).optional(),
      limit,
    }),
  },
  responses: { 200: json(listOf(accountLineSchema), 'What moved it, newest first.'), ...failure },
});

const readEntry = createRoute({
  method: 'get',
  path: '/cloud/v1/ledger/entries/{id}',
  tags,
  request: { params: z.object({ id: z.coerce.number().int().min(1) }) },
  responses: { 200: json(ledgerEntrySchema, 'One entry with all of its postings.'), ...failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createExplorerRoutes(explorer: Explorer): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(listAccounts, async (context) => {
    requirePermission(context.get('principal'), 'finance.read');
    const query = context.req.valid('query');
    const found = await explorer.accounts({
      search: query.search ?? null,
      kind: query.kind ?? null,
      tenantId: query.tenantId ?? null,
      afterId: query.cursor ?? null,
      limit: query.limit + 1,
    });
    const data = found.slice(0, query.limit);
    const nextCursor = found.length > query.limit ? (data.at(-1)?.id ?? null) : null;
    return context.json({ data, nextCursor }, 200);
  });
  app.openapi(listLines, async (context) => {
    requirePermission(context.get('principal'), 'finance.read');
    const { accountId, cursor = null, limit: size } = context.req.valid('query');
    const found = await explorer.lines({ accountId, beforeId: cursor, limit: size + 1 });
    const data = found.slice(0, size);
    const last = found.length > size ? data.at(-1) : undefined;
    const nextCursor = last === undefined ? null : String(last.entryId);
    return context.json({ data, nextCursor }, 200);
  });
  app.openapi(readEntry, async (context) => {
    requirePermission(context.get('principal'), 'finance.read');
    return context.json(await explorer.entry(context.req.valid('param').id), 200);
  });
  return app;
}
