/** Puts a grant into the books: its row and its entry, in one transaction under the tenant's lock. */
import type { Database } from '#platform/database.ts';
import { platformAccount, tenantCredit } from '#ledger/entry.ts';
import type { Ledger } from '#ledger/ledger.ts';
import { assertAmountFits } from '#ledger/money.ts';
import { grantAccount } from './accounts.ts';
import { fail } from './errors.ts';
import {
  type NewGrant,
  type StoredGrant,
  countLiveGrants,
  insertGrant,
  selectGrantByKey,
} from './grants-store.ts';

/** Each call of a tenant looks through them; whoever has more has a program that gives them. */
const LIVE_GRANTS_MAX = 200;

export type Issued = Readonly<{ grant: StoredGrant; entryId: number | null; isNew: boolean }>;

/**
 * What was paid for it comes from the tenant's cash, the rest from promotion. The same key gives the same
 * grant again. Raises `credit.key_reused`, `credit.too_many` and `ledger.amount_too_large`.
 */
export async function issueGrant(
  tx: Database,
  ledger: Pick<Ledger, 'postAll'>,
  grant: NewGrant,
): Promise<Issued> {
  const { tenantId, idempotencyKey } = grant;
  assertAmountFits(grant.amountPico);
  const known = await selectGrantByKey(tx, { tenantId, idempotencyKey });
  if (known !== null) {
    if (isSame(known, grant)) return { grant: known, entryId: null, isNew: false };
    throw fail('credit.key_reused', 'The idempotency key was used for another grant.', {
      param: 'idempotencyKey',
    });
  }
  if ((await countLiveGrants(tx, tenantId)) >= LIVE_GRANTS_MAX) {
    throw fail('credit.too_many', `A tenant has at most ${LIVE_GRANTS_MAX} grants at a time.`);
  }
  await insertGrant(tx, grant);
  const entryId = await postIssue(tx, ledger, grant);
  const stored = { remainingPico: grant.amountPico, isRevoked: false, isEnded: false };
  return { grant: { ...grant, ...stored }, entryId, isNew: true };
}

async function postIssue(
  tx: Database,
  ledger: Pick<Ledger, 'postAll'>,
  grant: NewGrant,
): Promise<number | null> {
  const { tenantId, id, origin, currency, amountPico, paidPico } = grant;
  const giftPico = amountPico - paidPico;
  const postings = [
    { account: grantAccount(grant), amountPico },
    { account: tenantCredit(tenantId, currency), amountPico: -paidPico },
    { account: platformAccount('promo', currency), amountPico: -giftPico },
  ];
  const [posted] = await ledger.postAll(tx, [
    {
      key: `grant/${tenantId}/${id}`,
      kind: origin === 'savings_plan' ? 'savings_plan' : 'grant',
      reference: { grantId: id, origin },
      effectiveAtMs: grant.createdAt.getTime(),
      postings: postings.filter((posting) => posting.amountPico !== 0n),
    },
  ]);
  return posted?.entryId ?? null;
}

function isSame(known: StoredGrant, wanted: NewGrant): boolean {
  return (
    known.origin === wanted.origin &&
    known.originId === wanted.originId &&
    known.amountPico === wanted.amountPico &&
    known.currency === wanted.currency &&
    known.projectId === wanted.projectId &&
    known.product === wanted.product &&
    JSON.stringify(known.modelIds) === JSON.stringify(wanted.modelIds) &&
    (known.origin !== 'manual' || known.expiresAt?.getTime() === wanted.expiresAt?.getTime())
  );
}
