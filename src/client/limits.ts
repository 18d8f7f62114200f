/** Calls about limits: what a tenant, its projects and its keys may use. */
import type { Level, Limit, LimitSet } from '#limits/api.ts';
import type { Transport } from './transport.ts';

type CallOptions = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;

export function limitCalls(transport: Transport) {
  const at = (level: Level, scopeId: string): string =>
    `/cloud/v1/limits/${level}/${encodeURIComponent(scopeId)}`;
  return {
    /** Every limit, with how much of it is in use. Other tenants' are for the operator only. */
    list: (
      query: Readonly<{ tenantId?: string | undefined }> = {},
      options?: CallOptions,
    ): Promise<{ data: readonly Limit[] }> =>
      transport.json({ path: '/cloud/v1/limits', query, ...options }),
    /** Replaces what was set there before; in force on every gateway within seconds. */
    set: (level: Level, scopeId: string, limits: LimitSet, options?: CallOptions): Promise<Limit> =>
      transport.json({ method: 'PUT', path: at(level, scopeId), body: limits, ...options }),
    remove: async (level: Level, scopeId: string, options?: CallOptions): Promise<void> => {
      await transport.json({ method: 'DELETE', path: at(level, scopeId), ...options });
    },
  };
}
