/**
 * The front door of the cloud: authenticates, admits, routes, streams and meters model calls, and
 * hands every other request to control. It holds memory and its journal and touches no SQL; it serves
 * from its last feed while control is away, and fails closed for money when a lease ends.
 *
 * Promises: a request that was admitted is settled exactly once, whatever happens to its caller or its
 * engine; no engine address, key or prompt reaches a caller's error or a log.
 */
import { type RequestListener, type Server, createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { Agent } from 'undici';
import type { Clock } from '#platform/clock.ts';
import { type ListeningServer, listen } from '#platform/http.ts';
import type { Log } from '#platform/log.ts';
import type { AccessLog } from './access-log.ts';
import { Admissions, type UsageJournal } from './admissions.ts';
import { TIMEOUTS, type Timeouts } from './attempt.ts';
import { BodyBudget } from './body-budget.ts';
import { ContentKeeper, type SendContents } from './contents/content-keeper.ts';
import type { ControlClient } from './control-client.ts';
import { createControlProxy } from './control-proxy.ts';
import { callerLeft } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { ExchangeParts } from './exchange-parts.ts';
import type { FeedState } from './feed-state.ts';
import { type FrontDoorDeps, createFrontDoor } from './front-door.ts';
import { KeyTable } from './key-table.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { createAddressReader, createOriginReader } from './limits/caller-address.ts';
import { type LimitControl, Limiter } from './limits/limiter.ts';
import { gaugesOf } from './gauges.ts';
import { createGatewayMetrics } from './metrics.ts';
import { AnswerCache } from './cache/answer-cache.ts';
import { ProviderWays } from './providers.ts';
import { RefusalKeeper, type SendRefusals } from './refusals/refusal-keeper.ts';
import { ReplicaSlots } from './replica-slots.ts';
import { RetryBudget } from './routing/retry-budget.ts';
import { takeLeave } from './retirement.ts';
import type { ResponseMemory } from './responses/kept-response.ts';
import type { TaskControl } from './tasks/task-control.ts';
import { type TaskWork, createTaskWork } from './tasks/task-work.ts';
import { createWaker } from './waker.ts';

export type GatewayDeps = Readonly<{
  region: string;
  controlUrl: string;
  control: LimitControl &
    Pick<ControlClient, 'lookUpKey' | 'lease' | 'releaseLease' | 'wake' | 'openProviderKey'>;
  feed: FeedState;
  journal: UsageJournal &
    Readonly<{
      isWritable: () => boolean;
      unshippedBytes: () => number;
      flush: () => Promise<void>;
    }>;
  accessLog: AccessLog;
  responses: ResponseMemory;
  tasks: TaskControl;
  /** Takes what projects keep of their requests. */
  sendContents?: SendContents | undefined;
  /** Takes what was refused before a model was called. */
  sendRefusals?: SendRefusals | undefined;
  clock: Clock;
  log: Log;
  bodyLimitBytes: number;
  /** Of all bodies together; by default `BODIES_BYTES`. */
  bodiesLimitBytes?: number | undefined;
  coldStartWaitMs: number;
  /** Networks of proxies whose `x-forwarded-for` is believed; none where it is missing. */
  trustedProxies?: readonly string[] | undefined;
  timeouts?: Partial<Timeouts> | undefined;
  /** An admission is on disk before the engine is called; see docs/guides/gateways.md. */
  isStrictJournal?: boolean | undefined;
  /** Of its process, whose memory and event loop then are in its metrics. */
  isOnlyGateway?: boolean;
  /** What `/metrics` says, from what this process counted; with siblings it speaks for all. */
  toMetricsPage?: (own: string) => Promise<string>;
}>;

export type Gateway = Readonly<{
  server: Server;
  /** Raises the listen error (EADDRINUSE, EACCES) as it is. */
  start: (address: Readonly<{ host: string; port: number }>) => Promise<ListeningServer>;
  /** Accepts nobody, lets streams end for up to `graceMs`, flushes the journal, gives leases back. */
  stop: (graceMs: number) => Promise<void>;
  /** As `stop`, while a successor answers on the same port: no caller notices. */
  retire: (graceMs: number) => Promise<void>;
  /** What this process counted, whatever `/metrics` says beside it. */
  metricsText: () => Promise<string>;
  /** What must be zero when nobody calls. */
  counts: () => Readonly<{ live: number; slots: number; waiting: number; holds: number }>;
}>;

/** A head that trickles in slower than this is an attack; RFC 9110 section 15.5.9. */
const HEADERS_TIMEOUT_MS = 15_000;
/** The largest upload over a slow line; calls have a shorter time of their own, in `readBody`. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;
/** Above the usual 60 s of a balancer in front, so that it is never us who close under a request. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** How late the two above may be noticed; the default of 30 s triples what a slow head may hold. */
const CHECK_CONNECTIONS_MS = 3_000;
const HEADER_BYTES_MAX = 32 * 1024;
const TICK_MS = 1_000;
/** After the grace, the last settlements get this long before their sockets are cut. */
const CLOSING_MS = 500;
const CLOSE_IDLE_MS = 50;
/** A page of the console that follows something must not hold a stop for the whole grace of a stream. */
const PROXIED_GRACE_MS = 2_000;

/** An engine is near or it is away; another replica is better than a long wait. */
const CONNECT_TIMEOUT_MS = 2_000;
/** Thirty-two of the largest, or five thousand prompts of 100 KB: a machine with a gateway has it to spare. */
const BODIES_BYTES = 512 * 1024 * 1024;
/** Idle connections to engines are kept for the next request of a quiet minute. */
const UPSTREAM_KEEP_ALIVE_MS = 30_000;
/** The largest file of a batch and the form around it; models come as imports, not through here. */
const UPLOAD_LIMIT_BYTES = 201 * 1024 * 1024;

export function createGateway(deps: GatewayDeps): Gateway {
  const { clock, log, journal } = deps;
  const live = new Set<Exchange>();
  const { parts, leases, upstream } = createParts(deps, live);
  const proxy = createControlProxy({
    dispatcher: upstream,
    controlUrl: deps.controlUrl,
    log,
    uploadLimitBytes: UPLOAD_LIMIT_BYTES,
    stallMs: parts.timeouts.stallMs,
    readAddress: createAddressReader(deps.trustedProxies ?? []),
    readOrigin: createOriginReader(deps.trustedProxies ?? []),
  });
  const { door, work } = createDoors(deps, { parts, live, proxy });
  const server = createDoorServer(door.handle);
  const ticking = setInterval(() => tickAll(live, clock.monotonicMs()), TICK_MS);
  let listening: ListeningServer | null = null;
  const stop = async (graceMs: number): Promise<void> => {
    door.close();
    const working = work.stop(graceMs);
    await letStreamsEnd({ server, listening, live, cutPages: door.cutProxied }, graceMs);
    await working;
    clearInterval(ticking);
    await journal.flush();
    await leases.stop();
    await parts.limiter.stop(callerLeft());
    await parts.contents.stop();
    await parts.refusals.stop();
    await parts.providers.stop();
    await upstream.destroy();
    deps.accessLog.flush();
  };

  return {
    server,
    start: async (address) => {
      listening = await listen(server, address);
      await work.start();
      return listening;
    },
    stop,
    retire: async (graceMs) => {
      door.close();
      const leaveMs = Math.max(0, graceMs - CLOSING_MS);
      const working = work.stop(leaveMs);
      if (listening !== null)
        await takeLeave(server, listening, { graceMs: leaveMs, cutPages: door.cutProxied });
      await working;
      await stop(0);
    },
    metricsText: parts.metrics.text,
    counts: () => ({
      live: live.size,
      slots: parts.slots.taken,
      waiting: parts.slots.waiting,
      holds: leases.openHolds + parts.limiter.open,
    }),
  };
}

/** Resolves when nobody is connected any more; cuts off who still is after `graceMs`. */
async function letStreamsEnd(
  parts: Readonly<{
    server: Server;
    listening: ListeningServer | null;
    live: ReadonlySet<Exchange>;
    cutPages: () => void;
  }>,
  graceMs: number,
): Promise<void> {
  const { server, listening, live, cutPages } = parts;
  const timer = setTimeout(() => live.forEach((exchange) => exchange.giveUp()), graceMs);
  const cutting = setTimeout(cutPages, Math.min(graceMs, PROXIED_GRACE_MS));
  // A connection that falls idle while we wait would otherwise be kept for the caller's next request.
  const closing = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
  await listening?.stop(graceMs + CLOSING_MS);
  clearInterval(closing);
  clearTimeout(cutting);
  clearTimeout(timer);
}

/** The front door, and behind it the work that comes in through a door of its own. */
function createDoors(
  deps: GatewayDeps,
  shared: Pick<FrontDoorDeps, 'parts' | 'live' | 'proxy'>,
): Readonly<{ door: ReturnType<typeof createFrontDoor>; work: TaskWork }> {
  const { keys, feed, limiter } = shared.parts;
  const { clock, log } = deps;
  const work = createTaskWork({
    control: deps.tasks,
    keys,
    feed,
    limiter,
    handle: (incoming, outgoing) => door.handle(incoming, outgoing),
    clock,
    log,
  });
  const door = createFrontDoor({
    ...shared,
    tasks: work.desk,
    isReady: () => isReady(deps),
    toMetricsPage: deps.toMetricsPage ?? (async (own) => own),
  });
  return { door, work };
}

/** What all requests share, built in the order they use it. */
function createParts(deps: GatewayDeps, live: ReadonlySet<Exchange>) {
  const { feed, clock, log, journal, control } = deps;
  const upstream = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    keepAliveTimeout: UPSTREAM_KEEP_ALIVE_MS,
    pipelining: 1,
  });
  const keys = new KeyTable({ lookUp: control.lookUpKey, feed, clock });
  const leases = new LeaseKeeper({ control, clock, log });
  const readAddress = createAddressReader(deps.trustedProxies ?? []);
  const limiter = new Limiter({ control, feed, readAddress, clock, log });
  const { wake } = createWaker({ wake: control.wake, clock, log });
  const { region, coldStartWaitMs: waitMs } = deps;
  const slots = new ReplicaSlots({ feed, clock, region, waitMs, wake });
  const timeouts = { ...TIMEOUTS, ...deps.timeouts };
  const open = control.openProviderKey;
  const providers = new ProviderWays({ open, feed, upstream, timeouts, clock, log });
  const cache = new AnswerCache({ feed, clock });
  const contents = new ContentKeeper({ feed, send: deps.sendContents ?? refuseAll, log });
  const refusals = new RefusalKeeper({ send: deps.sendRefusals ?? refuseAll, clock, log });
  const bodies = new BodyBudget(deps.bodiesLimitBytes ?? BODIES_BYTES);
  const metrics = createGatewayMetrics(
    gaugesOf({
      bodies,
      cache,
      contents,
      feed,
      journal,
      keys,
      leases,
      limiter,
      live,
      providers,
      refusals,
      slots,
    }),
    deps.isOnlyGateway,
  );
  const parts: ExchangeParts = {
    feed,
    keys,
    limiter,
    admissions: new Admissions({ journal, leases, isStrict: deps.isStrictJournal, clock, log }),
    slots,
    retries: new RetryBudget(),
    upstream,
    providers,
    cache,
    contents,
    refusals,
    timeouts,
    metrics,
    accessLog: deps.accessLog,
    log,
    clock,
    bodyLimitBytes: deps.bodyLimitBytes,
    bodies,
    responses: deps.responses,
  };
  return { parts, leases, upstream };
}

/** Without a control nobody keeps anything. */
const refuseAll = (): Promise<void> => Promise.reject(new Error('there is no control'));

function createDoorServer(handle: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
      noDelay: true,
      connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
    },
    handle,
  );
  server.on('clientError', refuseBadHead);
  return server;
}

/** Ready once there is a feed to serve from and a journal to write to. */
function isReady(deps: GatewayDeps): boolean {
  return deps.feed.view().version > 0 && deps.journal.isWritable();
}

function tickAll(live: ReadonlySet<Exchange>, nowMs: number): void {
  for (const exchange of live) exchange.tick(nowMs);
}

const HEAD_REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** A head that is no HTTP: said in the caller's dialect, and the connection closed. */
function refuseBadHead(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = HEAD_REFUSALS[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify({
    error: {
      message: 'The request is not valid HTTP.',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_request',
    },
  });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n` +
      `connection: close\r\n\r\n${body}`,
  );
}
