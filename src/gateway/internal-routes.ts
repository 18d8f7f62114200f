/**
 * For gateways: `GET /internal/v1/feed` and `POST /internal/v1/gateways/heartbeat`. Whoever mounts
 * this asks for the join token first. Who is alive is kept in memory: it is stale within seconds and
 * comes back by itself.
 */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '#platform/clock.ts';
import { createApi } from '#platform/http.ts';
import type { FeedPublisher } from './feed-publisher.ts';
import { HEARTBEAT_MS } from './heartbeat.ts';

type InternalEnv = { Variables: { requestId: string } };

export type GatewaySeen = Readonly<{
  id: string;
  region: string;
  isOnline: boolean;
  feedVersion: number;
  unshippedBytes: number;
  /** ISO 8601 */
  lastSeenAt: string;
}>;

export type GatewayInternalRoutes = Readonly<{
  app: OpenAPIHono<InternalEnv>;
  /** For `GET /cloud/v1/status`. */
  listGateways: () => GatewaySeen[];
}>;

const heartbeatSchema = z.object({
  id: z.string().min(1).max(200),
  region: z.string().min(1).max(100),
  feedVersion: z.number().int().min(0),
  unshippedBytes: z.number().int().min(0),
});

type Seen = z.infer<typeof heartbeatSchema> & { atMs: number };

const OFFLINE_AFTER_MS = 3 * HEARTBEAT_MS;
/** A gateway that is gone for good leaves the list. */
const FORGET_AFTER_MS = 60 * 60_000;
/** Far above any fleet; a flood of made-up ids must not fill the memory. */
const GATEWAYS_MAX = 10_000;

const heartbeat = createRoute({
  method: 'post',
  path: '/internal/v1/gateways/heartbeat',
  request: {
    body: { required: true, content: { 'application/json': { schema: heartbeatSchema } } },
  },
  responses: { 204: { description: 'Noted.' } },
});

export function createGatewayInternalRoutes(
  deps: Readonly<{ publisher: Pick<FeedPublisher, 'follow'>; clock: Clock }>,
): GatewayInternalRoutes {
  const { publisher, clock } = deps;
  const seen = new Map<string, Seen>();
  const app = createApi<InternalEnv>();

  app.get('/internal/v1/feed', (context) => {
    context.header('content-type', 'application/x-ndjson');
    context.header('cache-control', 'no-store');
    return context.body(publisher.follow());
  });

  app.openapi(heartbeat, (context) => {
    const beat = context.req.valid('json');
    if (seen.size < GATEWAYS_MAX || seen.has(beat.id)) {
      seen.set(beat.id, { ...beat, atMs: clock.nowMs() });
    }
    return context.body(null, 204);
  });

  return { app, listGateways: () => listSeen(seen, clock.nowMs()) };
}

function listSeen(seen: Map<string, Seen>, nowMs: number): GatewaySeen[] {
  const listed: GatewaySeen[] = [];
  for (const [id, { atMs, region, feedVersion, unshippedBytes }] of seen) {
    if (nowMs - atMs > FORGET_AFTER_MS) {
      seen.delete(id);
      continue;
    }
    const lastSeenAt = new Date(atMs).toISOString();
    const isOnline = nowMs - atMs < OFFLINE_AFTER_MS;
    listed.push({ id, region, isOnline, feedVersion, unshippedBytes, lastSeenAt });
  }
  return listed;
}
