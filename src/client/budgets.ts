/** Calls about budgets and tags. */
import type { Budget, BudgetForecast, BudgetSet, Tag } from '#budgets/api.ts';
import type { Transport } from './transport.ts';

type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;

export function budgetCalls(transport: Transport) {
  const at = (...parts: readonly string[]): string =>
    ['/cloud/v1/budgets', ...parts.map(encodeURIComponent)].join('/');
  return {
    /** Every budget and how it stands. */
    list: (options?: Options): Promise<{ data: readonly Budget[] }> =>
      transport.json({ path: at(), ...options }),
    create: (wish: BudgetSet): Promise<Budget> =>
      transport.json({ method: 'POST', path: at(), body: wish }),
    replace: (id: string, wish: BudgetSet): Promise<Budget> =>
      transport.json({ method: 'PUT', path: at(id), body: wish }),
    remove: async (id: string): Promise<void> => {
      await transport.json({ method: 'DELETE', path: at(id) });
    },
    forecast: (id: string, options?: Options): Promise<BudgetForecast> =>
      transport.json({ path: at(id, 'forecast'), ...options }),
    tags: (options?: Options): Promise<{ data: readonly Tag[] }> =>
      transport.json({ path: '/cloud/v1/tags', ...options }),
    /** In place of the tags that it had. */
    setTags: async (
      level: Tag['level'],
      scopeId: string,
      tags: readonly string[],
    ): Promise<void> => {
      const path = `/cloud/v1/tags/${level}/${encodeURIComponent(scopeId)}`;
      await transport.json({ method: 'PUT', path, body: { tags } });
    },
  };
}
