/** What credits promises beside the ledger: a grant is its account, and what is deferred is what was paid ahead. */
import { type Finding, type Law, pageOf } from '#ledger/law.ts';
import { auditDeferred, auditGrants, auditSubscriptions } from './law-store.ts';

const grants: Law = {
  name: 'grants',
  says: 'What is left of every grant and savings plan is the balance of its account.',
  limit: 500,
  page: async (database, { after, limit }) => {
    const rows = await auditGrants(database, { after: after ?? '', limit });
    const findings = rows.flatMap(({ id, tenantId, remaining, balance }): readonly Finding[] => {
      if (remaining === balance) return [];
      const says = remaining === null ? 'there is no such grant' : `the grant says ${remaining}`;
      return [
        {
          law: 'what is left of a grant is the balance of its account',
          subject: `grant ${id} of ${tenantId}`,
          detail: `${says}, its account ${balance} pico`,
        },
      ];
    });
    return pageOf({ examined: rows.length, limit, last: rows.at(-1)?.id ?? null, findings });
  },
};

const subscriptions: Law = {
  name: 'subscriptions',
  says: 'What is deferred is what was paid for plans and not yet earned.',
  limit: 500,
  page: async (database, { after, limit }) => {
    const totals = after === null ? await auditDeferred(database) : [];
    const rows = await auditSubscriptions(database, { after: after ?? '', limit });
    const findings = [
      ...totals.map(({ currency, deferred, balance }) => ({
        law: 'what is deferred is the sum over all subscriptions',
        subject: `account platform/deferred/${currency}`,
        detail: `subscriptions say ${deferred} pico, the account ${balance}`,
      })),
      ...rows
        .filter(({ deferred, posted }) => deferred !== posted)
        .map(({ id, tenantId, deferred, posted }) => ({
          law: 'what is deferred of a subscription is what its entries left',
          subject: `subscription ${id} of ${tenantId}`,
          detail: `it says ${deferred} pico, its entries ${posted}`,
        })),
    ];
    return pageOf({ examined: rows.length, limit, last: rows.at(-1)?.id ?? null, findings });
  },
};

export const CREDIT_LAWS: readonly Law[] = [grants, subscriptions];
