/** Which provider a command is about, and which of its models. */
import type { Client } from '#client/client.ts';
import type { Provider, ProviderModel } from '#providers/api.ts';
import { formatAmount } from '../format.ts';
import { readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';

export const which = {
  name: 'provider',
  kind: 'required',
  summary: 'Its name or its id.',
} as const;
export const servedModel = {
  name: 'model',
  kind: 'required',
  summary: 'The name it is served by here, or its id.',
} as const;

export async function findProvider(client: Client, wanted: string): Promise<Provider> {
  if (wanted.startsWith('prv_')) return client.providers.get(wanted);
  const all = await readAll(client.providers.list);
  // Asking by the name gives the server's own "unknown".
  return all.find(({ name }) => name === wanted) ?? client.providers.get(wanted);
}

export async function findModel(
  client: Client,
  wanted: string,
  name: string,
): Promise<Readonly<{ provider: Provider; model: ProviderModel }>> {
  const provider = await findProvider(client, wanted);
  const model = provider.models.find(({ id, modelName }) => id === name || modelName === name);
  if (model !== undefined) return { provider, model };
  throw new UsageError(`${provider.name} serves no model ${name} here.`);
}

export function amount(text: string | null | undefined): string {
  return text === null || text === undefined ? '-' : formatAmount(text);
}
