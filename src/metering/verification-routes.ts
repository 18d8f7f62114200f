/** The HTTP edge of the proof: `GET /cloud/v1/ledger/verification`. */
import { type OpenAPIHono, createRoute } from '@hono/zod-openapi';
import type { Ledger } from '#ledger/ledger.ts';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { verificationSchema } from './api.ts';
import type { Metering } from './metering.ts';

const verify = createRoute({
  method: 'get',
  path: '/cloud/v1/ledger/verification',
  responses: {
    200: {
      description:
        'Every law of the books checked against their rows: entries sum to zero, balances are the fold of their postings, measured = rated = posted. Reads everything; for the operator.',
      content: { 'application/json': { schema: verificationSchema } },
    },
    default: {
      description: 'Refused; the body says why.',
      content: { 'application/json': { schema: errorSchema } },
    },
  },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createVerificationRoutes(
  parts: Readonly<{ ledger: Pick<Ledger, 'verify'>; metering: Pick<Metering, 'verify'> }>,
): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(verify, async (context) => {
    requirePermission(context.get('principal'), 'ledger.verify');
    const books = await parts.ledger.verify();
    const { events, quarantined, findings: lines } = await parts.metering.verify();
    const findings = [...books, ...lines];
    return context.json({ holds: findings.length === 0, events, quarantined, findings }, 200);
  });
  return app;
}
