/** For gateways: `POST /internal/v1/leases` and their release. Whoever mounts this asks for the join token first. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { COVER_STOPS } from './covering.ts';
import { LEASE_MODES } from './lease.ts';
import type { Ledger } from './ledger.ts';
import { parsePico } from './money.ts';

type InternalEnv = { Variables: { requestId: string } };

/** Pico on the wire between our own processes: a whole number in text, never negative. */
const picoSchema = z
  .string()
  .regex(/^\d{1,38}$/)
  .transform(parsePico);

const id = z.string().min(1).max(200);

const scopeSchema = z.object({ projectId: id, modelId: id });

const openLease = createRoute({
  method: 'post',
  path: '/internal/v1/leases',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            gatewayId: id,
            tenantId: id,
            currency: z.string().regex(/^[A-Z]{3}$/),
            amountPico: picoSchema,
            /** The least that is of use, the hold of the request that waits. */
            minimumPico: picoSchema.optional(),
            worstPico: picoSchema.optional(),
            scope: scopeSchema.optional(),
            /** A lease of this gateway that is to grow. */
            leaseId: id.optional(),
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'A lease, or null when there is not enough.',
      content: {
        'application/json': {
          schema: z.object({
            lease: z
              .object({
                id: z.string(),
                amountPico: z.string(),
                slackPico: z.string(),
                /** The calls it is for; null where it is for every call of the tenant. */
                scope: scopeSchema.nullable(),
                expiresAtMs: z.number(),
                ttlMs: z.number(),
              })
              .nullable(),
            mode: z.enum(LEASE_MODES),
            availablePico: z.string(),
            /** Why there is none, where more money would not help. */
            stop: z
              .object({ code: z.enum(COVER_STOPS), retryAtMs: z.number().nullable() })
              .nullable(),
          }),
        },
      },
    },
  },
});

const listOpen = createRoute({
  method: 'post',
  path: '/internal/v1/leases/open',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.object({ gatewayId: id }) } },
    },
  },
  responses: {
    200: {
      description: 'Leases that the gateway, or the process before it, left open.',
      content: { 'application/json': { schema: z.object({ ids: z.array(z.string()) }) } },
    },
  },
});

const releaseLease = createRoute({
  method: 'post',
  path: '/internal/v1/leases/{id}/release',
  request: {
    params: z.object({ id }),
    body: {
      content: {
        'application/json': {
          /** What was spent of it in all: the part that was not shipped yet stays set aside. */
          schema: z.object({ spentPico: picoSchema.optional() }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The state the lease is in now.',
      content: {
        'application/json': {
          schema: z.object({ id: z.string(), state: z.enum(['open', 'released', 'expired']) }),
        },
      },
    },
  },
});

export function createLedgerInternalRoutes(
  ledger: Pick<Ledger, 'leases'>,
): OpenAPIHono<InternalEnv> {
  const app = createApi<InternalEnv>();
  app.openapi(openLease, async (context) => {
    const grant = await ledger.leases.open(context.req.valid('json'));
    const { lease, mode, availablePico, stop } = grant;
    return context.json(
      {
        lease:
          lease === null
            ? null
            : {
                ...lease,
                amountPico: lease.amountPico.toString(),
                slackPico: lease.slackPico.toString(),
              },
        mode,
        availablePico: availablePico.toString(),
        stop,
      },
      200,
    );
  });
  app.openapi(listOpen, async (context) => {
    const ids = await ledger.leases.openOf(context.req.valid('json').gatewayId);
    return context.json({ ids: [...ids] }, 200);
  });
  app.openapi(releaseLease, async (context) => {
    const { spentPico } = context.req.valid('json');
    const { id: leaseId } = context.req.valid('param');
    const lease = await ledger.leases.close(
      spentPico === undefined ? { id: leaseId } : { id: leaseId, spentPico },
    );
    return context.json({ id: lease.id, state: lease.state }, 200);
  });
  return app;
}
