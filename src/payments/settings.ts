/** How this cloud can be paid: bank details, Stripe's keys (in the vault), the least and the most of a top-up. */
import { parseAmount, formatAmount, PICO_PER_UNIT } from '#ledger/money.ts';
import { type Database, sql, transaction } from '#platform/database.ts';
import type { Clock } from '#platform/clock.ts';
import type { Vault } from '#vault/vault.ts';
import type { PaymentSettings, PaymentSettingsSet } from './api.ts';
import { fail } from './errors.ts';
import { createManualPort } from './manual.ts';
import type { AdapterName, PaymentPort } from './port.ts';
import { createStripeAgent } from './stripe-client.ts';
import { STRIPE_API, createStripePort } from './stripe.ts';

export type Stored = Readonly<{
  tenantId: string;
  bankDetails: string;
  stripeApiBase: string;
  stripeKeyHint: string | null;
  leastPico: bigint;
  mostPico: bigint;
}>;

export type Settings = Readonly<{
  /** In a transaction, give that: an embedded database waits for no one else. */
  read: (within?: Database) => Promise<Stored>;
  present: () => Promise<PaymentSettings>;
  /** Raises `payment.settings_invalid`. */
  set: (change: PaymentSettingsSet) => Promise<PaymentSettings>;
  /** Raises `payment.adapter_off`. */
  port: (adapter: AdapterName) => Promise<PaymentPort>;
  stop: () => Promise<void>;
}>;

const SECRET_KEY = 'payments/stripe/secret-key';
const WEBHOOK_SECRET = 'payments/stripe/webhook-secret';
const HINT_CHARACTERS = 4;

/** Below it the fee of a card eats the payment; above it somebody typed a digit too many. */
const DEFAULT_LEAST_PICO = 10n * PICO_PER_UNIT;
const DEFAULT_MOST_PICO = 100_000n * PICO_PER_UNIT;

export const STRIPE_HOOK_PATH = '/cloud/hooks/stripe';

export function createSettings(
  parts: Readonly<{ database: Database; clock: Clock; vault: Vault; publicUrl: string }>,
): Settings {
  const { database, clock, vault, publicUrl } = parts;
  const agent = createStripeAgent();

  const present = async (): Promise<PaymentSettings> => {
    const stored = await readStored(database);
    return {
      bankDetails: stored.bankDetails,
      stripe: {
        isOn: stored.stripeKeyHint !== null,
        keyHint: stored.stripeKeyHint,
        apiBase: stored.stripeApiBase,
      },
      least: formatAmount(stored.leastPico),
      most: formatAmount(stored.mostPico),
      stripeWebhookUrl: `${publicUrl}${STRIPE_HOOK_PATH}`,
    };
  };

  return {
    read: (within = database) => readStored(within),
    present,
    set: async (change) => {
      await transaction(database, async (tx) => {
        const next = withChange(await readStored(tx), change);
        await upsert(tx, next, new Date(clock.nowMs()));
        const { tenantId } = next;
        if (change.stripe === null) {
          await vault.remove(tx, { tenantId, id: SECRET_KEY });
          await vault.remove(tx, { tenantId, id: WEBHOOK_SECRET });
        } else if (change.stripe !== undefined) {
          await vault.put(tx, { tenantId, id: SECRET_KEY }, change.stripe.secretKey);
          await vault.put(tx, { tenantId, id: WEBHOOK_SECRET }, change.stripe.webhookSecret);
        }
      });
      return present();
    },
    port: async (adapter) => {
      if (adapter === 'manual') return createManualPort(clock.nowMs);
      const { tenantId, stripeApiBase: apiBase, stripeKeyHint } = await readStored(database);
      const secretKey = await vault.read(database, { tenantId, id: SECRET_KEY });
      const webhookSecret = await vault.read(database, { tenantId, id: WEBHOOK_SECRET });
      if (stripeKeyHint === null || secretKey === null || webhookSecret === null) {
        throw fail('payment.adapter_off', 'Stripe is not set up in this cloud.', {
          param: 'adapter',
        });
      }
      return createStripePort({ agent, secretKey, webhookSecret, apiBase }, clock.nowMs);
    },
    stop: () => agent.destroy(),
  };
}

function withChange(stored: Stored, change: PaymentSettingsSet): Stored {
  const { bankDetails = stored.bankDetails, least, most, stripe } = change;
  const leastPico = least === undefined ? stored.leastPico : parseAmount(least);
  const mostPico = most === undefined ? stored.mostPico : parseAmount(most);
  if (leastPico <= 0n || mostPico < leastPico) {
    throw fail('payment.settings_invalid', 'The least is above zero and not above the most.', {
      param: 'least',
    });
  }
  const common = { ...stored, bankDetails, leastPico, mostPico };
  if (stripe === undefined) return common;
  if (stripe === null) return { ...common, stripeKeyHint: null, stripeApiBase: STRIPE_API };
  return {
    ...common,
    stripeKeyHint: `…${stripe.secretKey.slice(-HINT_CHARACTERS)}`,
    stripeApiBase: apiBaseOf(stripe.apiBase ?? STRIPE_API),
  };
}

/** Stripe's library takes a protocol, a host and a port. */
function apiBaseOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.pathname !== '/') {
    throw fail('payment.settings_invalid', 'An address looks like https://api.stripe.com.', {
      param: 'stripe.apiBase',
    });
  }
  return url.origin;
}

type Row = Readonly<{
  tenantId: string;
  bankDetails: string | null;
  stripeApiBase: string | null;
  stripeKeyHint: string | null;
  least: string | null;
  most: string | null;
}>;

async function readStored(database: Database): Promise<Stored> {
  const { rows } = await sql<Row>`
    select t.id as "tenantId", s.bank_details as "bankDetails", s.stripe_api_base as "stripeApiBase",
      s.stripe_key_hint as "stripeKeyHint", s.least_pico as least, s.most_pico as most
    from tenants t left join payment_settings s on s.tenant_id = t.id
    where t.kind = 'operator'`.execute(database);
  const row = rows[0];
  return {
    tenantId: row?.tenantId ?? '',
    bankDetails: row?.bankDetails ?? '',
    stripeApiBase: row?.stripeApiBase ?? STRIPE_API,
    stripeKeyHint: row?.stripeKeyHint ?? null,
    leastPico: row?.least == null ? DEFAULT_LEAST_PICO : BigInt(row.least),
    mostPico: row?.most == null ? DEFAULT_MOST_PICO : BigInt(row.most),
  };
}

async function upsert(tx: Database, next: Stored, now: Date): Promise<void> {
  await sql`
    insert into payment_settings (tenant_id, bank_details, stripe_api_base, stripe_key_hint,
      least_pico, most_pico, updated_at)
    values (${next.tenantId}, ${next.bankDetails}, ${next.stripeApiBase}, ${next.stripeKeyHint},
      ${next.leastPico.toString()}::numeric, ${next.mostPico.toString()}::numeric, ${now})
    on conflict (tenant_id) do update set bank_details = excluded.bank_details,
      stripe_api_base = excluded.stripe_api_base, stripe_key_hint = excluded.stripe_key_hint,
      least_pico = excluded.least_pico, most_pico = excluded.most_pico,
      updated_at = excluded.updated_at`.execute(tx);
}
