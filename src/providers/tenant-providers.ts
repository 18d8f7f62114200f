/** What people do with providers: list, create, change, remove and test them. */
import { isUniqueViolation, transaction } from '#platform/database.ts';
import { FlywheelError } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import {
  type Provider,
  type ProviderCreate,
  type ProviderTest,
  type ProviderUpdate,
  providerCreateSchema,
  providerUpdateSchema,
} from './api.ts';
import { versionInForce } from './cost.ts';
import { selectCosts } from './cost-store.ts';
import { fail } from './errors.ts';
import { hintOf } from './key-cabinet.ts';
import { removeModels, selectModels } from './model-store.ts';
import { parseProviderUrl } from './provider-url.ts';
import type { Owner, ProviderParts, Providers } from './providers.ts';
import * as store from './store.ts';
import { showModel, showProvider } from './view.ts';

/** Each is a line in every gateway's feed; nobody needs more by hand. */
const PROVIDERS_PER_TENANT_MAX = 50;

export function providerCalls(parts: ProviderParts) {
  const { database, clock, log } = parts;
  const now = (): Date => new Date(clock.nowMs());

  const show = async (owner: Owner, rows: readonly store.ProviderRow[]): Promise<Provider[]> => {
    const providerIds = rows.map(({ id }) => id);
    const models = await selectModels(database, { tenantId: owner.tenantId, providerIds });
    const ids = models.map(({ id }) => id);
    const costs = owner.isOperator ? await selectCosts(database, ids) : [];
    return rows.map((row) =>
      showProvider(
        row,
        models
          .filter(({ providerId }) => providerId === row.id)
          .map((model) => {
            const own = costs.filter(({ providerModelId }) => providerModelId === model.id);
            return showModel(model, versionInForce(own, clock.nowMs()));
          }),
      ),
    );
  };

  const get: Providers['get'] = async (owner, id) => {
    const [provider] = await show(owner, [await findProvider(parts, owner, id)]);
    if (provider === undefined) throw unknown(id);
    return provider;
  };

  return {
    list: async (owner, page) =>
      show(owner, await store.selectProviders(database, { tenantId: owner.tenantId, ...page })),
    get,
    create: async (owner, asked) => get(owner, await createProvider(parts, owner, asked)),
    update: async (owner, id, asked) => {
      await changeProvider(parts, { owner, id, asked });
      return get(owner, id);
    },
    remove: async (owner, id) => {
      const { tenantId } = owner;
      await findProvider(parts, owner, id);
      await removeModels(database, { tenantId, providerId: id, id: null }, now());
      await store.removeProvider(database, { tenantId, id }, now());
      log.info('provider.removed', { providerId: id, tenantId });
    },
    test: (owner, id) => testProvider(parts, owner, id),
  } satisfies Partial<Providers>;
}

/** Their requests hold sockets and memory of gateways that everybody shares. */
const TENANT_PARALLEL_MAX = 256;

function checkParallel({ isOperator }: Owner, parallel: number): void {
  if (isOperator || parallel <= TENANT_PARALLEL_MAX) return;
  throw fail('provider.too_many', `At most ${TENANT_PARALLEL_MAX} requests at a time.`, {
    param: 'parallel',
  });
}

async function createProvider(
  { database, clock, cabinet, log }: ProviderParts,
  owner: Owner,
  asked: ProviderCreate,
): Promise<string> {
  const wish = providerCreateSchema.parse(asked);
  checkParallel(owner, wish.parallel);
  const allowsPrivate = checkPrivate(owner, wish.allowsPrivate);
  const baseUrl = parseProviderUrl(wish.baseUrl, allowsPrivate);
  if ((await store.countProviders(database, owner.tenantId)) >= PROVIDERS_PER_TENANT_MAX) {
    throw fail('provider.too_many', `A tenant has at most ${PROVIDERS_PER_TENANT_MAX} providers.`);
  }
  const { tenantId } = owner;
  const id = createId('prv', clock.nowMs());
  const { name, dialect, parallel, timeoutMs, apiKey } = wish;
  const sealed = await cabinet.seal(apiKey, { tenantId, id });
  const provider = { tenantId, id, name, dialect, baseUrl, allowsPrivate, parallel, timeoutMs };
  await unlessNameTaken(() =>
    store.insertProvider(database, {
      ...provider,
      isEnabled: true,
      keyHint: hintOf(apiKey),
      keyVersion: 1,
      testedAt: null,
      testResult: null,
      createdAt: new Date(clock.nowMs()),
      sealed,
    }),
  );
  log.info('provider.created', { providerId: id, tenantId, dialect });
  return id;
}

async function changeProvider(
  parts: ProviderParts,
  { owner, id, asked }: Readonly<{ owner: Owner; id: string; asked: ProviderUpdate }>,
): Promise<void> {
  const { database, cabinet } = parts;
  const { apiKey, ...change } = providerUpdateSchema.parse(asked);
  const before = await findProvider(parts, owner, id);
  const merged = { ...before, ...defined(change) };
  checkParallel(owner, merged.parallel);
  const allowsPrivate = checkPrivate(owner, merged.allowsPrivate);
  const baseUrl = parseProviderUrl(merged.baseUrl, allowsPrivate);
  if (new URL(baseUrl).origin !== new URL(before.baseUrl).origin && apiKey === undefined) {
    throw fail(
      'provider.key_invalid',
      'Another address wants the key again, so that a key never goes where it was not given for.',
      { param: 'apiKey' },
    );
  }
  const key = { tenantId: owner.tenantId, id };
  const sealed = apiKey === undefined ? null : await cabinet.seal(apiKey, key);
  // Together, so that no gateway ever sends the new key to the old address or the old key to the new one.
  await unlessNameTaken(() =>
    transaction(database, async (tx) => {
      await store.updateProvider(tx, key, { ...merged, baseUrl });
      if (sealed === null || apiKey === undefined) return;
      await store.updateKey(tx, key, { keyHint: hintOf(apiKey), sealed });
    }),
  );
}

/** Never raises what the provider did: that is the result. */
async function testProvider(parts: ProviderParts, owner: Owner, id: string): Promise<ProviderTest> {
  const { database, clock, cabinet, upstream } = parts;
  const provider = await findProvider(parts, owner, id);
  const startedMs = clock.monotonicMs();
  const answer = await attempt(async () => {
    const { apiKey } = await cabinet.openById(id);
    return upstream.listModels({ ...provider, apiKey });
  });
  const latencyMs = Math.round(clock.monotonicMs() - startedMs);
  const at = new Date(clock.nowMs());
  await store.updateTest(database, provider, { at, result: answer.result });
  return { ...answer, latencyMs };
}

/** Raises `provider.unknown`. */
export async function findProvider(
  { database }: Pick<ProviderParts, 'database'>,
  { tenantId }: Owner,
  id: string,
): Promise<store.ProviderRow> {
  const found = await store.selectProvider(database, { tenantId, id });
  if (found === null) throw unknown(id);
  return found;
}

function unknown(id: string): FlywheelError {
  return fail('provider.unknown', `There is no provider ${id}.`);
}

/** Gateways stand in the operator's network, so nobody else says what they may reach there. */
function checkPrivate(owner: Owner, allowsPrivate: boolean): boolean {
  if (!allowsPrivate || owner.isOperator) return allowsPrivate;
  throw fail('provider.address_denied', 'Only the operator allows addresses that are not public.', {
    param: 'allowsPrivate',
  });
}

async function unlessNameTaken(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw fail('provider.name_taken', 'Another provider of yours has this name.', {
      param: 'name',
      cause: error,
    });
  }
}

async function attempt(
  list: () => ReturnType<ProviderParts['upstream']['listModels']>,
): Promise<Omit<ProviderTest, 'latencyMs'>> {
  try {
    const listed = await list();
    if (listed === null) {
      const message = 'It answers, but lists no models, so its key is not proved yet.';
      return { isOk: true, result: 'ok', message, models: null };
    }
    const message = `It answers, takes the key and lists ${listed.length} models.`;
    return { isOk: true, result: 'ok', message, models: listed.length };
  } catch (error) {
    if (!(error instanceof FlywheelError)) throw error;
    return { isOk: false, result: error.code, message: error.message, models: null };
  }
}

/** Without the fields that were not sent, which must not overwrite. */
function defined<T extends object>(change: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const kept: { [Name in keyof T]?: Exclude<T[Name], undefined> } = {};
  for (const [name, value] of Object.entries(change)) {
    if (value !== undefined) Reflect.set(kept, name, value);
  }
  return kept;
}
