/**
 * Where each request goes: a model call becomes an exchange, a few small pages are answered here, and
 * the rest is control's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DEFAULT_CURRENCY } from '#tenancy/currency.ts';
import { FlywheelError } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import { requireCaller } from './admission.ts';
import type { ControlProxy } from './control-proxy.ts';
import { failRequest } from './errors.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeParts } from './exchange-parts.ts';
import { secretOf } from './key-table.ts';
import { openPassage } from './limits/passage.ts';
import { allowedModels, requireAddress } from './limits/policy.ts';
import type { GatewayMetrics } from './metrics.ts';
import { type Destination, destinationOf } from './paths.ts';
import { Reply } from './reply.ts';
import { responsePage } from './responses/response-pages.ts';
import { type Caller, findListed, listModels } from './routing/model-list.ts';
import { type TaskDesk, deferredCall } from './tasks/task-desk.ts';
import { dashScopeDialect } from './wire/dashscope/endpoint.ts';
import { anthropicModel, anthropicModelList } from './wire/anthropic/models.ts';
import { openAiDialect } from './wire/openai/dialect.ts';
import { type PricedAt, openAiModel, openAiModelList } from './wire/openai/models.ts';

export type FrontDoorDeps = Readonly<{
  parts: ExchangeParts;
  live: Set<Exchange>;
  proxy: ControlProxy;
  tasks: TaskDesk;
  isReady: () => boolean;
  toMetricsPage: (own: string) => Promise<string>;
}>;

export function createFrontDoor(deps: FrontDoorDeps) {
  const { parts, live, proxy, tasks } = deps;
  let isOpen = true;
  const proxied = new Set<ServerResponse>();

  function handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const destination = destinationOf(incoming.method ?? 'GET', incoming.url ?? '/');
    // A caller that keeps its connection must notice that we go.
    if (!isOpen) outgoing.setHeader('connection', 'close');
    const deferred = deferredCall(incoming);
    if (deferred !== null) {
      const reply = new Reply(outgoing, { requestId: createId('req'), dialect: dashScopeDialect });
      tasks.create(deferred, incoming, reply).catch((error: unknown) => {
        reply.fail(asError(error, parts.log, reply.requestId));
      });
      return;
    }
    if (destination.kind === 'call') {
      const exchange = new Exchange(parts, destination.endpoint, incoming, outgoing);
      live.add(exchange);
      void exchange.run().finally(() => live.delete(exchange));
      return;
    }
    if (destination.kind === 'control') {
      if (destination.isKept === true && hasKey(incoming)) passKept(incoming, outgoing);
      else pass(incoming, outgoing, createId('req'));
      return;
    }
    const dialect = 'dialect' in destination ? destination.dialect : openAiDialect;
    const reply = new Reply(outgoing, { requestId: createId('req'), dialect });
    answerPage(deps, destination, { incoming, reply, outgoing }).catch((error: unknown) => {
      reply.fail(asError(error, parts.log, reply.requestId));
    });
  }

  function pass(incoming: IncomingMessage, outgoing: ServerResponse, requestId: string): void {
    proxied.add(outgoing);
    outgoing.on('close', () => proxied.delete(outgoing));
    proxy(incoming, outgoing, requestId);
  }

  /** Control knows whose key it is; where it may be used from is known here. */
  function passKept(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const requestId = createId('req');
    callerOf(parts, incoming).then(
      () => pass(incoming, outgoing, requestId),
      (error: unknown) => {
        const reply = new Reply(outgoing, { requestId, dialect: openAiDialect });
        reply.fail(asError(error, parts.log, requestId));
      },
    );
  }

  return {
    handle,
    close: () => {
      isOpen = false;
    },
    /** Pages that follow something through us come back by themselves; model calls do not. */
    cutProxied: () => {
      for (const outgoing of proxied) outgoing.destroy();
    },
  };
}

type Page = Exclude<Destination, { kind: 'call' | 'control' }>;
type Asked = Readonly<{ incoming: IncomingMessage; outgoing: ServerResponse; reply: Reply }>;

async function answerPage(
  { parts, tasks, isReady, toMetricsPage }: FrontDoorDeps,
  page: Page,
  { incoming, reply, outgoing }: Asked,
): Promise<void> {
  switch (page.kind) {
    case 'health':
      return reply.json(200, { status: 'ok' });
    case 'ready':
      return reply.json(isReady() ? 200 : 503, { status: isReady() ? 'ready' : 'starting' });
    case 'metrics':
      return sendMetrics(outgoing, parts.metrics, toMetricsPage);
    case 'models': {
      const caller = await callerOf(parts, incoming);
      const models = listModels(parts.feed.view(), caller);
      if (speaksAnthropic(incoming)) return reply.json(200, anthropicModelList(models));
      return reply.json(200, openAiModelList(models, pricedFor(caller, parts.clock.nowMs())));
    }
    case 'model': {
      const caller = await callerOf(parts, incoming);
      const model = findListed(parts.feed.view(), caller, page.name);
      if (model === null) throw unknownModel(page.name);
      if (speaksAnthropic(incoming)) return reply.json(200, anthropicModel(model));
      return reply.json(200, openAiModel(model, pricedFor(caller, parts.clock.nowMs())));
    }
    case 'response': {
      const key = await parts.keys.identify(secretOf(incoming.headers));
      requireCaller(parts.feed.view(), key);
      await openPassage(parts.limiter, key, incoming);
      const room = parts.bodies.open(outgoing);
      return reply.json(200, await responsePage(parts.responses, key, page.page, room));
    }
    case 'task':
      return tasks.answer(page.page, incoming, reply);
    case 'method_not_allowed':
      outgoing.setHeader('allow', page.allow);
      throw failRequest('method_not_allowed', `Use ${page.allow} here.`);
    case 'unknown':
    case 'hidden':
      throw failRequest('unknown_url', 'There is nothing at this address.');
  }
}

/** A member of the console comes with a session instead. */
function hasKey({ headers }: IncomingMessage): boolean {
  return headers.authorization !== undefined || headers['x-api-key'] !== undefined;
}

type AskedBy = Caller & Readonly<{ currency?: string | undefined }>;

/** Who asks for models, with those that its key and every limit of it allow. */
async function callerOf(parts: ExchangeParts, incoming: IncomingMessage): Promise<AskedBy> {
  const key = await parts.keys.identify(secretOf(incoming.headers));
  const policy = await parts.limiter.policyOf(key);
  requireAddress(policy, () => parts.limiter.readAddress(incoming));
  const { tenantId, currency } = key;
  return { tenantId, currency, models: allowedModels(policy, key.models) };
}

function pricedFor({ currency = DEFAULT_CURRENCY }: AskedBy, nowMs: number): PricedAt {
  return { currency, nowMs };
}

/** Two dialects share `/v1/models`; only one of them says which version of it is meant. */
function speaksAnthropic({ headers }: IncomingMessage): boolean {
  return headers['anthropic-version'] !== undefined;
}

function unknownModel(name: string): FlywheelError {
  return failRequest('model_not_found', `There is no model ${JSON.stringify(name)} here.`, {
    param: 'model',
  });
}

async function sendMetrics(
  outgoing: ServerResponse,
  metrics: GatewayMetrics,
  toPage: FrontDoorDeps['toMetricsPage'],
): Promise<void> {
  const text = await toPage(await metrics.text());
  outgoing.writeHead(200, { 'content-type': metrics.contentType });
  outgoing.end(text);
}

function asError(error: unknown, log: Log, requestId: string): FlywheelError {
  if (error instanceof FlywheelError) return error;
  log.error('request.broke', { requestId, error });
  return new FlywheelError('internal', 'Something went wrong here.', { status: 500 });
}
