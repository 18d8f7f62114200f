/** The HTTP edge of the proof: `/cloud/v1/books`, for the operator alone. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { failure, json } from '#tenancy/route-shapes.ts';
import { bookCheckSchema, booksSchema } from './api.ts';
import type { Reconciliation } from './reconciliation.ts';

const tags = ['Books'];

const readBooks = createRoute({
  method: 'get',
  path: '/cloud/v1/books',
  tags,
  responses: {
    200: json(booksSchema, 'Whether the books agree, by law, with every row that does not.'),
    default: failure,
  },
});

const startCheck = createRoute({
  method: 'post',
  path: '/cloud/v1/books/checks',
  tags,
  responses: {
    202: json(
      bookCheckSchema,
      'Every law is run over everything, in the background; where a check runs already, that one.',
    ),
    default: failure,
  },
});

const readCheck = createRoute({
  method: 'get',
  path: '/cloud/v1/books/checks/{id}',
  tags,
  request: { params: z.object({ id: z.string().min(1).max(100) }) },
  responses: { 200: json(bookCheckSchema, 'How far it is, and what it found.'), default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createReconciliationRoutes(
  reconciliation: Pick<Reconciliation, 'books' | 'check' | 'checkOf'>,
): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(readBooks, async (context) => {
    requirePermission(context.get('principal'), 'finance.read');
    return context.json(await reconciliation.books(), 200);
  });
  app.openapi(startCheck, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'ledger.verify');
    return context.json(await reconciliation.check(principal.userId), 202);
  });
  app.openapi(readCheck, async (context) => {
    requirePermission(context.get('principal'), 'ledger.verify');
    return context.json(await reconciliation.checkOf(context.req.valid('param').id), 200);
  });
  return app;
}
