/**
 * The typed client of our own public API: what the CLI, the console and other programs call. Runs in
 * Node and in browsers, with a key or with the page's session. Methods are grouped by noun; lists are
 * `{ data, nextCursor }`; whatever fails is an `ApiError` (see api-error.ts). It holds no state: to
 * act in another tenant or with another key, make another client.
 *
 *     const flywheel = createClient({ url: 'http://localhost:8080', apiKey });
 *     for await (const event of flywheel.chat.stream({ model, messages })) …
 */
import type { Deployment, DeploymentCreate, Node as FleetNode } from '#fleet/api.ts';
import type { Import, ImportCreate, ModelDetail } from '#hub/api.ts';
import type { Balance, CreditCreate, Entry } from '#ledger/api.ts';
import type { Overview, Status, UsageEvent, UsageReport } from '#metering/api.ts';
import type { Price, PriceCreate } from '#pricing/api.ts';
import type { Route, RouteSet } from '#routing/api.ts';
import type {
  Key,
  KeyCreate,
  KeyCreated,
  Me,
  Member,
  MemberCreate,
  MemberCreated,
  MemberUpdate,
  PlaygroundKey,
  Project,
  ProjectCreate,
  Tenant,
  TenantCreate,
  TenantCreated,
  TenantUpdate,
} from '#tenancy/api.ts';
import { type ChatEvent, type ChatOptions, type ChatRequest, streamChat } from './chat.ts';
import { authorCalls } from './authors.ts';
import { batchCalls } from './batches.ts';
import { catalogueCalls } from './catalogue.ts';
import { creditCalls } from './credits.ts';
import { encoded } from './encoded-path.ts';
import { financeCalls } from './finance.ts';
import { bookCalls } from './books.ts';
import { explorerCalls } from './ledger.ts';
import { budgetCalls } from './budgets.ts';
import { limitCalls } from './limits.ts';
import { invoiceCalls } from './invoices.ts';
import { paymentCalls } from './payments.ts';
import { webhookCalls } from './webhooks.ts';
import { priceCalls } from './prices.ts';
import { providerCalls } from './providers.ts';
import { repositoryCalls } from './repositories.ts';
import { requestCalls } from './requests.ts';
import { hubStorageCalls } from './hub-storage.ts';
import { hubRepositoryCalls } from './hub-repositories.ts';
import { hubCommunityCalls } from './hub-community.ts';
import { cut, readLines } from './text-stream.ts';
import { type Query, type Transport, type TransportOptions, createTransport } from './transport.ts';

export type ClientOptions = TransportOptions;

export type List<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;

export type Page = Readonly<{ cursor?: string | undefined; limit?: number | undefined }>;

export type CallOptions = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;

export type UsageQuery = Readonly<{
  from?: string | undefined;
  to?: string | undefined;
  interval?: UsageReport['interval'] | undefined;
  groupBy?: UsageReport['groupBy'] | undefined;
  /** Of keys that carry it, themselves or by their project. */
  tag?: string | undefined;
  /** The tenant's; over all tenants the operator's. */
  currency?: string | undefined;
  /** The operator may name a tenant, or `all`. */
  tenantId?: string | undefined;
}>;

export type LogsOptions = Readonly<{ follow?: boolean; signal?: AbortSignal | undefined }>;

/** Makes a client. Nothing is sent until a method is called. */
export function createClient(options: ClientOptions) {
  const transport = createTransport(options);
  return {
    ...identity(transport),
    ...access(transport),
    ...supply(transport),
    ...money(transport),
    ...providerCalls(transport),
    ...priceCalls(transport),
    ...authorCalls(transport),
    ...batchCalls(transport),
    ...creditCalls(transport),
    ...financeCalls(transport),
    ...requestCalls(transport),
    repositories: repositoryCalls(transport),
    ...hubCommunityCalls(transport),
    storage: hubStorageCalls(transport),
    hub: hubRepositoryCalls(transport),
    chat: {
      /** Streams one answer as events. Stop early with the signal or by leaving the loop. */
      stream: (
        request: ChatRequest,
        chatOptions: ChatOptions = {},
      ): AsyncGenerator<ChatEvent, void, undefined> => streamChat(transport, request, chatOptions),
      /** Names that can be put into `model`, as `/v1/models` lists them. */
      models: async (chatOptions: ChatOptions = {}): Promise<readonly string[]> => {
        const list = await transport.json<{ data: readonly { id: string }[] }>({
          path: '/v1/models',
          ...chatOptions,
        });
        return list.data.map(({ id }) => id);
      },
    },
  };
}

export type Client = ReturnType<typeof createClient>;

/** Who is calling: sign-in and the member's own settings. */
function identity(transport: Transport) {
  const auth = <T>(path: string, body: unknown): Promise<T> =>
    transport.json<T>({ method: 'POST', path: `/cloud/auth/${path}`, body });
  return {
    me: {
      get: (options?: CallOptions): Promise<Me> =>
        transport.json({ path: '/cloud/v1/me', ...options }),
      update: async (change: { name?: string; locale?: 'en' | 'zh-CN' }): Promise<void> => {
        await auth('update-user', change);
      },
      changePassword: async (change: {
        currentPassword: string;
        newPassword: string;
      }): Promise<void> => {
        await auth('change-password', { ...change, revokeOtherSessions: true });
      },
    },
    /** Starts a session; the browser keeps its cookie. Raises 401 `auth.credentials_wrong`. */
    signIn: async (credentials: { email: string; password: string }): Promise<void> => {
      await auth('sign-in/email', credentials);
    },
    signOut: async (): Promise<void> => {
      await auth('sign-out', {});
    },
    playgroundKey: {
      create: (options?: CallOptions): Promise<PlaygroundKey> =>
        transport.json({ method: 'POST', path: '/cloud/v1/playground-key', body: {}, ...options }),
    },
  };
}

/** Tenants, projects, members and keys. */
function access(transport: Transport) {
  const calls = resource(transport);
  return {
    tenants: {
      list: calls.list<Tenant>('tenants'),
      create: calls.create<TenantCreate, TenantCreated>('tenants'),
      update: calls.update<TenantUpdate, Tenant>('tenants'),
    },
    projects: {
      list: calls.list<Project>('projects'),
      create: calls.create<ProjectCreate, Project>('projects'),
    },
    members: {
      list: calls.list<Member>('members'),
      create: calls.create<MemberCreate, MemberCreated>('members'),
      update: calls.update<MemberUpdate, Member>('members'),
      remove: calls.remove('members'),
    },
    keys: {
      list: calls.list<Key>('keys'),
      create: calls.create<KeyCreate, KeyCreated>('keys'),
      /** Refused by every gateway within two seconds. */
      revoke: calls.remove('keys'),
    },
    limits: limitCalls(transport),
    invoices: invoiceCalls(transport),
    payments: paymentCalls(transport),
    budgets: budgetCalls(transport),
    webhooks: webhookCalls(transport),
  };
}

/** Models, imports, deployments and machines. */
function supply(transport: Transport) {
  const calls = resource(transport);
  return {
    models: {
      ...catalogueCalls(transport),
      /** `name` is `owner/name`. */
      get: calls.get<ModelDetail>('models'),
      remove: calls.remove('models'),
    },
    imports: {
      list: calls.list<Import>('imports'),
      create: calls.create<ImportCreate, Import>('imports'),
      get: calls.get<Import>('imports'),
      cancel: calls.remove('imports'),
    },
    deployments: {
      list: calls.list<Deployment>('deployments'),
      create: calls.create<DeploymentCreate, Deployment>('deployments'),
      get: calls.get<Deployment>('deployments'),
      remove: calls.remove('deployments'),
      /** Lines of its engines; with `follow` until the signal or the loop ends it. */
      logs: (id: string, options: LogsOptions = {}): AsyncGenerator<string, void, undefined> =>
        streamLogs(transport, id, options),
    },
    routes: {
      list: calls.list<Route>('routes'),
      /** Creates the route of this name, or replaces it; gateways follow within seconds. */
      set: calls.create<RouteSet, Route>('routes'),
      remove: calls.remove('routes'),
    },
    nodes: { list: calls.list<FleetNode>('nodes') },
    status: {
      get: (options?: CallOptions): Promise<Status> =>
        transport.json({ path: '/cloud/v1/status', ...options }),
    },
  };
}

/** Prices, usage and the ledger. */
function money(transport: Transport) {
  const calls = resource(transport);
  const get =
    <T>(path: string) =>
    (query: Query = {}, options?: CallOptions): Promise<T> =>
      transport.json({ path: `/cloud/v1/${path}`, query, ...options });
  return {
    prices: {
      list: calls.list<Price>('prices'),
      create: calls.create<PriceCreate, Price>('prices'),
    },
    usage: {
      report: (query: UsageQuery = {}, options?: CallOptions): Promise<UsageReport> =>
        get<UsageReport>('usage')(query, options),
      events: calls.list<UsageEvent>('usage/events'),
      /** 404 `usage.unknown` until the event has been shipped, usually under a second. */
      event: calls.get<UsageEvent>('usage/events'),
    },
    balance: { get: get<Balance>('balance') },
    credits: { create: calls.create<CreditCreate, Entry>('credits') },
    entries: { list: calls.list<Entry>('entries') },
    books: bookCalls(transport),
    ledger: explorerCalls(transport),
    overview: { get: get<Overview>('overview') },
  };
}

/** The calls that most nouns share; an id may have slashes (`owner/name`). */
function resource(transport: Transport) {
  const at = (path: string, id: string): string => `/cloud/v1/${path}/${encoded(id)}`;
  return {
    list:
      <T>(path: string) =>
      (query: Page & Query = {}, options?: CallOptions): Promise<List<T>> =>
        transport.json<List<T>>({ path: `/cloud/v1/${path}`, query, ...options }),
    get:
      <T>(path: string) =>
      (id: string, options?: CallOptions): Promise<T> =>
        transport.json<T>({ path: at(path, id), ...options }),
    create:
      <Body, T>(path: string) =>
      (body: Body, options?: CallOptions): Promise<T> =>
        transport.json<T>({ method: 'POST', path: `/cloud/v1/${path}`, body, ...options }),
    update:
      <Body, T>(path: string) =>
      (id: string, body: Body, options?: CallOptions): Promise<T> =>
        transport.json<T>({ method: 'PATCH', path: at(path, id), body, ...options }),
    remove:
      (path: string) =>
      async (id: string, options?: CallOptions): Promise<void> => {
        await transport.json({ method: 'DELETE', path: at(path, id), ...options });
      },
  };
}

async function* streamLogs(
  transport: Transport,
  id: string,
  options: LogsOptions,
): AsyncGenerator<string, void, undefined> {
  const { signal } = options;
  const response = await transport.open({
    path: `/cloud/v1/deployments/${encodeURIComponent(id)}/logs`,
    query: { follow: options.follow === true ? true : undefined },
    signal,
  });
  if (response.body === null) throw cut('The answer has no body.');
  yield* readLines(response.body, { signal, idleTimeoutMs: 0 });
}
