/** For tests: payments on a real database with two tenants, and Stripe's messages as Stripe signs them. */
import { createLedger } from '#ledger/ledger.ts';
import { type Clock, createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createTestVault } from '#notices/notices-fixture.ts';
import { createNotices } from '#notices/notices.ts';
import { createScopeDirectory } from '#tenancy/scope-names.ts';
import type { TestDatabase } from '../../test/database.ts';
import { type Payments, createPayments } from './payments.ts';
import { signAsStripe } from './stripe-signature.ts';

export const ACME = 'ten_acme';
export const WEBHOOK_SECRET = 'whsec_of_the_tests';
/** What Stripe's mock server takes. */
export const SECRET_KEY = 'sk_test_123';

export type Settled = Readonly<{ invoiceId: string; amountPico: bigint }>;

export async function createPaymentsFixture(handle: TestDatabase) {
  const { database } = handle;
  await sql`insert into tenants (id, kind, name) values ('ten_operator', 'operator', 'Operator'),
    (${ACME}, 'customer', 'Acme'), ('ten_bolt', 'customer', 'Bolt')
    on conflict do nothing`.execute(database);
  const clock = createManualClock(Date.now());
  const ledger = createLedger({ database, clock, log: silentLog });
  const vault = await createTestVault(database);
  const publicUrl = 'https://cloud.example';
  const told = { database, clock, log: silentLog, vault, publicUrl };
  const notices = createNotices({ ...told, mailer: null });
  const settled: Settled[] = [];
  const payments = createPayments({
    ...told,
    ledger,
    notices,
    tenants: createScopeDirectory(database),
    invoices: {
      amountDue: async ({ tenantId, invoiceId }) =>
        tenantId === ACME && invoiceId === 'inv_1'
          ? { currency: 'CNY', duePico: 250_000_000_000_000n, number: '2026-0001' }
          : null,
      settle: async (_tx, { invoiceId, amountPico }) => settled.push({ invoiceId, amountPico }),
    },
  });
  const balanceOf = async (tenantId = ACME): Promise<string> =>
    (await ledger.balance(tenantId)).balance;
  const kindsTold = async (tenantId: string): Promise<string[]> => {
    const { rows } = await sql<{ kind: string }>`
      select kind from notices where tenant_id = ${tenantId} order by created_at, id`.execute(
      database,
    );
    return rows.map(({ kind }) => kind);
  };
  return { payments, ledger, clock, settled, balanceOf, kindsTold, database };
}

/** A message as Stripe sends it. */
export async function sendStripeEvent(
  { payments, clock }: Readonly<{ payments: Pick<Payments, 'receive'>; clock: Clock }>,
  event: Readonly<{ id: string; type: string; object: object }>,
  secret = WEBHOOK_SECRET,
): Promise<void> {
  const { id, type, object } = event;
  const body = JSON.stringify({ id, object: 'event', type, data: { object } });
  const signature = signAsStripe(body, secret, Math.floor(clock.nowMs() / 1_000));
  await payments.receive('stripe', { body, signature });
}
