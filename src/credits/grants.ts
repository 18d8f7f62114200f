/** Grants: given by the operator, listed, taken back, and ended when their time is over. */
import { transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { platformAccount } from '#ledger/entry.ts';
import { LEASE_GRACE_MS, LEASE_TTL_MS } from '#ledger/lease.ts';
import { formatAmount, parseAmount } from '#ledger/money.ts';
import type { Database } from '#platform/database.ts';
import { readCurrency } from '#tenancy/currency.ts';
import { grantAccount } from './accounts.ts';
import { type Grant, type GrantCreate, grantCreateSchema } from './api.ts';
import { fail } from './errors.ts';
import { ALL_BASIS_POINTS } from './grant.ts';
import {
  endGrant,
  revokeGrant,
  selectGrant,
  selectGrants,
  selectGrantsToEnd,
  takeEnding,
} from './grants-store.ts';
import { issueGrant } from './issue.ts';
import { lockTenant, withTenant } from './lock.ts';
import { findModels } from './models.ts';
import type { CreditsParts, Viewer } from './ports.ts';
import { presentGrant } from './present.ts';

export type Grants = Readonly<{
  /** Newest first; of one tenant, or of all. */
  list: (
    query: Readonly<{
      tenantId: string | null;
      isLiveOnly: boolean;
      beforeId: string | null;
      limit: number;
    }>,
  ) => Promise<readonly Grant[]>;
  /** Raises `credit.tenant_unknown`, `credit.time_invalid`, `credit.scope_unknown`, `credit.key_reused`. */
  give: (viewer: Viewer, by: string | null, input: GrantCreate) => Promise<Grant>;
  /** What leases hold of it is still paid; the rest goes back. Raises `grant.unknown`, `grant.ended`. */
  revoke: (request: Readonly<{ tenantId: string; id: string }>) => Promise<Grant>;
  /** Posts what is left of grants that ended. Returns how many. */
  sweep: () => Promise<number>;
}>;

/** A call that was let in before a grant ended is paid by it, however late it arrives within this. */
const ARRIVAL_MS = LEASE_TTL_MS + LEASE_GRACE_MS + 5 * 60_000;
const SWEEP_MAX = 200;
const TOLD_BEFORE_MS = 7 * 24 * 60 * 60_000;

export function createGrants(parts: CreditsParts): Grants {
  const { database, ledger, models, clock } = parts;
  return {
    list: async (query) => {
      const grants = await selectGrants(database, query);
      return grants.map((grant) => presentGrant(grant, clock.nowMs()));
    },
    give: async (viewer, by, input) => {
      const wanted = grantCreateSchema.parse(input);
      const nowMs = clock.nowMs();
      const expiresAt = wanted.expiresAt === null ? null : new Date(wanted.expiresAt);
      if (expiresAt !== null && expiresAt.getTime() <= nowMs) {
        throw fail('credit.time_invalid', 'A grant ends in the future.', { param: 'expiresAt' });
      }
      const named = await findModels(models, viewer, wanted.models);
      const createdAt = new Date(nowMs);
      const { grant } = await withTenant(database, wanted.tenantId, async (tx) =>
        issueGrant(tx, ledger, {
          ...named,
          tenantId: wanted.tenantId,
          id: createId('grt', nowMs),
          origin: 'manual',
          originId: null,
          name: wanted.name,
          currency: await readCurrency(tx, wanted.tenantId),
          amountPico: parseAmount(wanted.amount),
          paidPico: 0n,
          shareBasisPoints: ALL_BASIS_POINTS,
          priority: wanted.priority,
          projectId: wanted.projectId,
          product: wanted.product,
          startsAt: createdAt,
          expiresAt,
          note: wanted.note,
          idempotencyKey: `manual/${wanted.idempotencyKey}`,
          createdBy: by,
          createdAt,
        }),
      );
      return presentGrant(grant, nowMs);
    },
    revoke: ({ tenantId, id }) =>
      withTenant(database, tenantId, async (tx) => {
        const nowMs = clock.nowMs();
        const grant = await selectGrant(tx, { tenantId, id });
        if (grant === null || grant.origin === 'savings_plan') {
          throw fail('grant.unknown', `There is no grant ${id} that could be taken back.`);
        }
        if (grant.isEnded || grant.isRevoked) throw fail('grant.ended', 'It has ended already.');
        await revokeGrant(tx, { tenantId, id, endsAt: new Date(nowMs + LEASE_TTL_MS) });
        return presentGrant((await selectGrant(tx, { tenantId, id })) ?? grant, nowMs);
      }),
    sweep: () => sweep(parts),
  };
}

async function sweep(parts: CreditsParts): Promise<number> {
  const { database, clock, log } = parts;
  const endedBefore = new Date(clock.nowMs() - ARRIVAL_MS);
  await tellOfEnds(parts);
  const due = await selectGrantsToEnd(database, { endedBefore, limit: SWEEP_MAX });
  for (const grant of due) {
    await transaction(database, (tx) => end(tx, parts, grant));
    log.info('grant.ended', { grantId: grant.id, tenantId: grant.tenantId });
  }
  return due.length;
}

/** Once for each grant, in time to spend it. */
async function tellOfEnds({ database, outbox, clock }: CreditsParts): Promise<void> {
  const nowMs = clock.nowMs();
  await transaction(database, async (tx) => {
    const ends = await takeEnding(tx, {
      from: new Date(nowMs),
      to: new Date(nowMs + TOLD_BEFORE_MS),
      limit: SWEEP_MAX,
    });
    for (const { tenantId, id, name, currency, remainingPico, expiresAt } of ends) {
      const amount = formatAmount(remainingPico);
      const expiresOn = expiresAt?.toISOString().slice(0, 10) ?? '';
      const data = { grantId: id, name, amount, currency, expiresOn };
      await outbox?.send(tx, { tenantId, kind: 'grant.expiring', data, key: id });
    }
  });
}

/** What is left goes to breakage, or back to where it came from where it was taken back. */
async function end(
  tx: Database,
  { ledger, clock }: CreditsParts,
  { tenantId, id }: Readonly<{ tenantId: string; id: string }>,
): Promise<void> {
  await lockTenant(tx, tenantId);
  const grant = await selectGrant(tx, { tenantId, id });
  if (grant === null || grant.isEnded) return;
  const { remainingPico, currency, isRevoked } = grant;
  const at = new Date(clock.nowMs());
  if (remainingPico > 0n) {
    await ledger.postAll(tx, [
      {
        key: `grant/${tenantId}/${id}/ended`,
        kind: 'grant',
        reference: { grantId: id, why: isRevoked ? 'revoked' : 'expired' },
        effectiveAtMs: grant.expiresAt?.getTime() ?? at.getTime(),
        postings: [
          { account: grantAccount(grant), amountPico: -remainingPico },
          {
            account: platformAccount(isRevoked ? 'promo' : 'breakage', currency),
            amountPico: remainingPico,
          },
        ],
      },
    ]);
  }
  await endGrant(tx, { tenantId, id, at });
}
