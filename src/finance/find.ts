/** Where something that a person copied from somewhere leads: an entry, an account or a request. */
import type { Explorer } from '#ledger/explore.ts';
import type { Metering } from '#metering/metering.ts';
import { codeOf } from '#platform/error.ts';
import type { LedgerHit } from './api.ts';

/** More than this and another letter is faster than reading. */
const ACCOUNTS_MAX = 10;

export type FindParts = Readonly<{
  explorer: Pick<Explorer, 'accounts' | 'entry' | 'entryIdOfKey'>;
  metering: Pick<Metering, 'event'>;
}>;

/** The most exact first. */
export async function find(parts: FindParts, text: string): Promise<readonly LedgerHit[]> {
  const wanted = text.trim().replace(/^#/, '');
  if (wanted === '') return [];
  return [
    ...(await findEntry(parts, wanted)),
    ...(await findRequest(parts, wanted)),
    ...(await findAccounts(parts, wanted)),
  ];
}

async function findEntry({ explorer }: FindParts, text: string): Promise<readonly LedgerHit[]> {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : await explorer.entryIdOfKey(text);
  if (id === null || id === 0) return [];
  try {
    const entry = await explorer.entry(id);
    return [{ kind: 'entry', id: String(id), text: entry.key, entryId: id }];
  } catch (error) {
    if (codeOf(error) === 'ledger.entry_unknown') return [];
    throw error;
  }
}

async function findRequest({ metering }: FindParts, text: string): Promise<readonly LedgerHit[]> {
  const scope = { tenantId: null, projectId: null };
  try {
    const event = await metering.event({ scope, requestId: text, showsCost: true });
    const { requestId, modelName, entryId } = event;
    return [{ kind: 'request', id: requestId, text: modelName, entryId }];
  } catch (error) {
    if (codeOf(error) === 'usage.unknown') return [];
    throw error;
  }
}

async function findAccounts({ explorer }: FindParts, text: string): Promise<readonly LedgerHit[]> {
  const accounts = await explorer.accounts({
    search: text,
    kind: null,
    tenantId: null,
    afterId: null,
    limit: ACCOUNTS_MAX,
  });
  return accounts.map(({ id, tenantName }) => ({
    kind: 'account',
    id,
    text: tenantName ?? '',
    entryId: null,
  }));
}
