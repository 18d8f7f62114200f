/** What a lease may take of each source just now: asks the covering, then locks and reads the balances. */
import type { Database } from '#platform/database.ts';
import type { CoverRequest, CoverSource, Covering } from './covering.ts';
import { tenantCredit } from './entry.ts';
import type { FreeSource } from './lease-part.ts';
import { selectHeldOfSources } from './lease-store.ts';
import { openAccounts } from './posting.ts';
import { type AccountState, lockBalances } from './store.ts';

/** Raises `ledger.tenant_unknown`. Whoever asks holds the locks of the tenant's balances afterwards. */
export async function readCover(
  tx: Database,
  covering: Covering,
  request: CoverRequest,
): Promise<readonly FreeSource[]> {
  const sources = await covering.coverOf(tx, request);
  const cash = tenantCredit(request.tenantId, request.currency);
  const accounts = sources.map(({ account }) => account);
  await openAccounts(tx, [cash, ...accounts]);
  // The cash account is locked even where it does not pay, so that a tenant's leases are opened one at a time.
  const owned = [cash, ...accounts].filter(({ tenantId }) => tenantId !== null);
  const states = await lockBalances(
    tx,
    owned.map(({ id }) => id),
  );
  const held = await selectHeldOfSources(tx, {
    tenantId: request.tenantId,
    sourceIds: sources.map(({ sourceId }) => sourceId),
  });
  return sources.map((source) => ({
    source,
    freePico: freeOfSource(source, {
      state: source.account.tenantId === null ? null : (states.get(source.account.id) ?? null),
      heldUnits: held.get(source.sourceId) ?? 0n,
    }),
  }));
}

/** Never below zero; null where nothing limits it. Of the platform's accounts only the source itself is asked. */
export function freeOfSource(
  source: Pick<CoverSource, 'availablePico' | 'picoPerUnit'>,
  known: Readonly<{ state: AccountState | null; heldUnits: bigint }>,
): bigint | null {
  const { state, heldUnits } = known;
  const { availablePico, picoPerUnit = 1n } = source;
  const offered =
    availablePico === null ? null : (availablePico / picoPerUnit - heldUnits) * picoPerUnit;
  const ofAccount =
    state === null || state.floorPico === null
      ? null
      : state.balancePico - state.floorPico - state.heldPico;
  const free = smaller(offered, ofAccount);
  return free !== null && free < 0n ? 0n : free;
}

function smaller(left: bigint | null, right: bigint | null): bigint | null {
  if (left === null) return right;
  if (right === null) return left;
  return left < right ? left : right;
}
