/**
 * A gateway with everything real around it, for tests: sockets, journal on a disk, the control client.
 * Control itself is a small stand-in that speaks its internal dialect, and engines are servers that
 * each test scripts.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '#platform/clock.ts';
import { listen } from '#platform/http.ts';
import { type Log, silentLog } from '#platform/log.ts';
import { type Journal, openJournal } from '#metering/journal.ts';
import type { SettledRecord } from '#metering/usage-event.ts';
import { createKey, parseKey } from '#tenancy/key.ts';
import { type AccessLog, silentAccessLog } from './access-log.ts';
import type { Timeouts } from './attempt.ts';
import type { SendContents } from './contents/content-keeper.ts';
import type { SendRefusals } from './refusals/refusal-keeper.ts';
import { type KeyIdentity, type ProviderKey, createControlClient } from './control-client.ts';
import { EMPTY_FEED, type Feed, type FeedModel, type FeedReplica } from './feed.ts';
import { createFeedState } from './feed-state.ts';
import { createGateway } from './gateway.ts';
import { LimitStandIn, parseShareRequests, shareAnswer } from './limits/limits-stand-in.ts';
import { createMapMemory } from './responses/memory-fixture.ts';
import type { ResponseMemory } from './responses/kept-response.ts';
import { createIdleTaskControl } from './tasks/task-fixture.ts';
import type { TaskControl } from './tasks/task-control.ts';

export const MODEL = 'qwen/tiny';
export const TENANT = 'ten_one';

export type Handler = (incoming: IncomingMessage, outgoing: ServerResponse, body: string) => void;

export type Scripted = Readonly<{
  url: string;
  /** Bodies of the requests so far. */
  bodies: string[];
  /** Connections of requests that were cut before their answer ended. */
  aborted: () => number;
  server: Server;
  stop: () => Promise<void>;
}>;

/** A server that answers as `handler` says once the body is there. */
export async function startScripted(handler: Handler): Promise<Scripted> {
  const bodies: string[] = [];
  let aborted = 0;
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (part: string) => {
      body += part;
    });
    outgoing.on('close', () => {
      if (!outgoing.writableEnded) aborted += 1;
    });
    incoming.on('end', () => {
      bodies.push(body);
      handler(incoming, outgoing, body);
    });
  });
  const { url, stop } = await listen(server, { host: '127.0.0.1', port: 0 });
  return { url, bodies, aborted: () => aborted, server, stop: () => stop(0) };
}

/** The events of a usual answer: role, one per word, finish, usage, end. */
export function answerEvents(words: readonly string[], model = MODEL): string[] {
  const identity = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model };
  const choice = (delta: object, finish: string | null) => ({
    ...identity,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const chunks: object[] = [
    choice({ role: 'assistant', content: '' }, null),
    ...words.map((content) => choice({ content }, null)),
    choice({}, 'stop'),
    {
      ...identity,
      choices: [],
      usage: {
        prompt_tokens: 10,
        completion_tokens: words.length,
        total_tokens: 10 + words.length,
        prompt_tokens_details: { cached_tokens: 4 },
      },
    },
  ];
  return [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'];
}

export function wholeAnswer(content: string, model = MODEL): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 },
  };
}

export function startEventStream(outgoing: ServerResponse): void {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
}

/** An engine that answers every request with these words, streamed or whole as asked. */
export function answering(words: readonly string[]): Handler {
  return (_incoming, outgoing, body) => {
    if (body.includes('"stream":true')) {
      startEventStream(outgoing);
      outgoing.end(answerEvents(words).join(''));
      return;
    }
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(wholeAnswer(words.join(''))));
  };
}

export type StandIn = {
  readonly limits: LimitStandIn;
  readonly keys: Map<string, KeyIdentity>;
  /** Of external providers, by id. */
  readonly providerKeys: Map<string, ProviderKey>;
  /** What the tenant can still lease. */
  availablePico: bigint;
  readonly calls: string[];
  readonly released: { id: string; spentPico: string }[];
  readonly url: string;
  readonly stop: () => Promise<void>;
};

/** Control's internal dialect, as far as a gateway speaks it; everything else says what it got. */
async function startControl(): Promise<StandIn> {
  const providerKeys = new Map<string, ProviderKey>();
  const state = { keys: new Map<string, KeyIdentity>(), providerKeys, availablePico: 0n };
  const calls: string[] = [];
  const released: { id: string; spentPico: string }[] = [];
  const scripted = await startScripted((incoming, outgoing, body) => {
    const path = incoming.url ?? '';
    calls.push(`${incoming.method} ${path}`);
    outgoing.setHeader('content-type', 'application/json');
    if (path === '/internal/v1/keys/lookup') {
      const asked: { secretSha256: string } = JSON.parse(body);
      outgoing.end(JSON.stringify({ key: control.keys.get(asked.secretSha256) ?? null }));
    } else if (path === '/internal/v1/leases') {
      outgoing.end(JSON.stringify(grantLease(control, body, calls.length)));
    } else if (path.startsWith('/internal/v1/providers/')) {
      const found = control.providerKeys.get(path.split('/').at(-2) ?? '');
      outgoing.writeHead(found === undefined ? 404 : 200);
      outgoing.end(JSON.stringify(found ?? {}));
    } else if (path === '/internal/v1/limits/policy') {
      outgoing.end(JSON.stringify(control.limits.policy()));
    } else if (path === '/internal/v1/limits/shares') {
      const { gatewayId, requests } = parseShareRequests(body);
      outgoing.end(shareAnswer(control.limits.grant(gatewayId, requests)));
    } else if (path.endsWith('/release')) {
      const given: { spentPico: string } = JSON.parse(body);
      released.push({ id: path.split('/').at(-2) ?? '', spentPico: given.spentPico });
      outgoing.end('{}');
    } else {
      const { method, url, headers } = incoming;
      outgoing.end(JSON.stringify({ method, url, headers, body }));
    }
  });
  const limits = new LimitStandIn();
  const control: StandIn = {
    ...state,
    limits,
    calls,
    released,
    url: scripted.url,
    stop: scripted.stop,
  };
  return control;
}

function grantLease(control: StandIn, body: string, number: number): object {
  const asked: { amountPico: string; minimumPico: string } = JSON.parse(body);
  const wanted = BigInt(asked.amountPico);
  const minimum = BigInt(asked.minimumPico);
  if (minimum > control.availablePico) {
    return { lease: null, availablePico: control.availablePico.toString() };
  }
  const amount = wanted < control.availablePico ? wanted : control.availablePico;
  control.availablePico -= amount;
  const lease = {
    id: `lse_${number}`,
    amountPico: String(amount),
    expiresAtMs: Date.now() + 600_000,
  };
  return { lease, availablePico: control.availablePico.toString() };
}

export type Cloud = Readonly<{
  url: string;
  /** A key of the tenant that may call every model. */
  secret: string;
  headers: Record<string, string>;
  control: StandIn;
  journal: Journal;
  gateway: ReturnType<typeof createGateway>;
  addKey: (identity?: Partial<KeyIdentity>) => string;
  /** Puts a new feed in force, made from the last. */
  change: (changes: Partial<Feed>) => void;
  replicas: () => readonly FeedReplica[];
  chat: (body?: object, options?: RequestInit) => Promise<Response>;
  settled: () => Promise<SettledRecord[]>;
  stop: () => Promise<void>;
}>;

export type CloudOptions = Readonly<{
  /** Of another cloud, which then is another gateway of it. */
  control?: StandIn;
  gatewayId?: string;
  engines?: readonly string[];
  replica?: Partial<FeedReplica>;
  model?: Partial<FeedModel>;
  feed?: Partial<Feed>;
  bodyLimitBytes?: number;
  bodiesLimitBytes?: number;
  coldStartWaitMs?: number;
  timeouts?: Partial<Timeouts>;
  trustedProxies?: readonly string[];
  log?: Log;
  accessLog?: AccessLog;
  responses?: ResponseMemory;
  tasks?: TaskControl;
  isStrictJournal?: boolean;
  sendContents?: SendContents;
  sendRefusals?: SendRefusals;
  flush?: (own: () => Promise<void>) => Promise<void>;
}>;

export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-gateway-'));
  const log = options.log ?? silentLog;
  const control = options.control ?? (await startControl());
  const journal = await openJournal({ folder, gatewayId: 'gtw_test', clock: systemClock, log });
  const feed = createFeedState(systemClock, feedOf(options));
  const client = createControlClient({
    url: control.url,
    joinToken: 'join',
    gatewayId: options.gatewayId ?? 'gtw_test',
  });
  const gateway = createGateway({
    ...options,
    region: 'local',
    controlUrl: control.url,
    control: client,
    feed,
    journal: { ...journal, flush: () => (options.flush ?? ((own) => own()))(journal.flush) },
    accessLog: options.accessLog ?? silentAccessLog,
    responses: options.responses ?? createMapMemory(),
    tasks: options.tasks ?? createIdleTaskControl(),
    clock: systemClock,
    log,
    bodyLimitBytes: options.bodyLimitBytes ?? 1024 * 1024,
    coldStartWaitMs: options.coldStartWaitMs ?? 5_000,
  });
  const { url } = await gateway.start({ host: '127.0.0.1', port: 0 });
  const addKey = (identity: Partial<KeyIdentity> = {}): string => addKeyTo(control, identity);
  const secret = addKey();
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  return {
    url,
    secret,
    headers,
    control,
    journal,
    gateway,
    addKey,
    change: (changes) => {
      feed.replace({ ...feed.feed(), version: feed.feed().version + 1, ...changes });
    },
    replicas: () => feed.feed().replicas,
    chat: (body = {}, init = {}) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify({
          model: MODEL,
          messages: [{ role: 'user', content: 'Hi' }],
          ...body,
        }),
        ...init,
      }),
    settled: () => readSettled(journal),
    stop: async () => {
      await gateway.stop(1_000);
      await client.stop();
      await journal.stop();
      if (options.control === undefined) await control.stop();
      await rm(folder, { recursive: true });
    },
  };
}

function addKeyTo(control: StandIn, identity: Partial<KeyIdentity>): string {
  const { secret } = createKey('api');
  const parsed = parseKey(secret);
  assert(parsed !== null);
  control.keys.set(parsed.secretSha256, {
    id: `key_${control.keys.size}`,
    tenantId: TENANT,
    projectId: 'prj_one',
    models: null,
    expiresAtMs: null,
    role: 'developer',
    ...identity,
  });
  return secret;
}

function feedOf({ engines = [], replica = {}, model = {}, feed = {} }: CloudOptions): Feed {
  return {
    ...EMPTY_FEED,
    version: 1,
    models: [feedModel(model)],
    deployments: [
      {
        id: 'dep_one',
        tenantId: TENANT,
        modelName: MODEL,
        modelId: 'mdl_one',
        isWanted: true,
        state: engines.length > 0 ? 'ready' : 'loading',
        reason: null,
      },
    ],
    replicas: engines.map((url, index) => feedReplica({ id: `rep_${index}`, url, ...replica })),
    ...feed,
  };
}

export function feedModel(changes: Partial<FeedModel> = {}): FeedModel {
  return {
    name: MODEL,
    modelId: 'mdl_one',
    tenantId: TENANT,
    visibility: 'public',
    createdAtMs: 1_700_000_000_000,
    contextLength: 2048,
    capabilities: ['chat'],
    prices: [],
    ...changes,
  };
}

export function feedReplica(changes: Partial<FeedReplica> & { url: string }): FeedReplica {
  return {
    id: 'rep_0',
    deploymentId: 'dep_one',
    nodeId: 'nod_one',
    region: 'local',
    engineKey: 'engine-secret',
    upstreamModel: null,
    parallel: 4,
    contextLength: null,
    capabilities: ['chat'],
    state: 'ready',
    ...changes,
  };
}

/** One yuan per million tokens in, two out. */
export const PRICE = {
  priceId: 'prc_one',
  modelId: 'mdl_one',
  currency: 'CNY',
  effectiveFromMs: 0,
  components: [
    { unit: 'token', direction: 'input', amountPico: '1000000000000', perUnits: 1_000_000 },
    { unit: 'token', direction: 'output', amountPico: '2000000000000', perUnits: 1_000_000 },
  ],
} as const;

async function readSettled(journal: Journal): Promise<SettledRecord[]> {
  await journal.flush();
  const records: SettledRecord[] = [];
  let at = journal.start();
  for (;;) {
    const piece = await journal.read(at, 1024 * 1024);
    if (piece === null) return records;
    for (const payload of piece.settled) {
      const record: SettledRecord = JSON.parse(payload.toString('utf8'));
      records.push(record);
    }
    at = piece.to;
  }
}

/** Waits until something is so; the test's own time limit is the only one. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await nextTurn();
}
