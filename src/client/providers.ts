/** External providers, the models they serve here and what those cost. */
import type {
  KeyRotation,
  Provider,
  ProviderCost,
  ProviderCostCreate,
  ProviderCreate,
  ProviderModel,
  ProviderModelCreate,
  ProviderTemplate,
  ProviderTest,
  ProviderUpdate,
  UpstreamModel,
} from '#providers/api.ts';
import type { Transport } from './transport.ts';

type Listed<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;
type PageQuery = Readonly<{ cursor?: string | undefined; limit?: number | undefined }>;
type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;

export function providerCalls(transport: Transport) {
  const at = (...parts: readonly string[]): string =>
    ['/cloud/v1/providers', ...parts.map(encodeURIComponent)].join('/');
  const post = <T>(path: string, body: unknown = {}): Promise<T> =>
    transport.json<T>({ method: 'POST', path, body });
  return {
    providers: {
      list: (query: PageQuery = {}, options?: Options): Promise<Listed<Provider>> =>
        transport.json({ path: at(), query, ...options }),
      templates: (options?: Options): Promise<Listed<ProviderTemplate>> =>
        transport.json({ path: '/cloud/v1/provider-templates', ...options }),
      get: (id: string, options?: Options): Promise<Provider> =>
        transport.json({ path: at(id), ...options }),
      create: (body: ProviderCreate): Promise<Provider> => post(at(), body),
      update: (id: string, body: ProviderUpdate): Promise<Provider> =>
        transport.json({ method: 'PATCH', path: at(id), body }),
      remove: async (id: string): Promise<void> => {
        await transport.json({ method: 'DELETE', path: at(id) });
      },
      /** How it ended is the answer; only our own trouble is raised. */
      test: (id: string): Promise<ProviderTest> => post(at(id, 'test')),
      /** What the provider lists now. Raises 502 and 503 `provider.*` for what it did. */
      upstreamModels: (id: string, options?: Options): Promise<Listed<UpstreamModel>> =>
        transport.json({ path: at(id, 'upstream-models'), ...options }),
      addModel: (id: string, body: ProviderModelCreate): Promise<ProviderModel> =>
        post(at(id, 'models'), body),
      removeModel: async (id: string, modelId: string): Promise<void> => {
        await transport.json({ method: 'DELETE', path: at(id, 'models', modelId) });
      },
      costs: (id: string, modelId: string, options?: Options): Promise<Listed<ProviderCost>> =>
        transport.json({ path: at(id, 'models', modelId, 'costs'), ...options }),
      addCost: (id: string, modelId: string, body: ProviderCostCreate): Promise<ProviderCost> =>
        post(at(id, 'models', modelId, 'costs'), body),
      /** A new master key for all stored keys of the cloud; the operator's owner. */
      rotateMasterKey: (): Promise<KeyRotation> => post('/cloud/v1/master-key/rotate'),
    },
  };
}
