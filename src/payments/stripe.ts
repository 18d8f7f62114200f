/**
 * Payments through Stripe: the payer types a card number on Stripe's own page, and Flywheel hears what
 * came of it. Every call that changes something carries our id as idempotency key, so that it may be
 * made again; every message is believed only with Stripe's signature.
 */
import type { Agent } from 'undici';
import { codeOf } from '#platform/error.ts';
import { fail } from './errors.ts';
import { fromMinorUnits, toMinorUnits } from './minor-units.ts';
import type { ChargeAnswer, Order, PaymentPort, RefundAnswer, SavedMethod } from './port.ts';
import { type Form, type StripeClient, createStripeClient } from './stripe-client.ts';
import { isOurs, readStripeEvent } from './stripe-events.ts';
import {
  type StripeEvent,
  eventSchema,
  intentMethodSchema,
  intentSchema,
  refundSchema,
  sessionSchema,
} from './stripe-objects.ts';
import { isFromStripe } from './stripe-signature.ts';

export type StripeOptions = Readonly<{
  agent: Agent;
  secretKey: string;
  webhookSecret: string;
  /** Stripe's own, or a server that speaks like it. */
  apiBase: string;
}>;

export const STRIPE_API = 'https://api.stripe.com';

/** Stripe takes 30 minutes to 24 hours. */
const SESSION_LASTS_MS = 23 * 60 * 60_000;

export function createStripePort(options: StripeOptions, nowMs: () => number): PaymentPort {
  const client = createStripeClient(options);
  return {
    adapter: 'stripe',
    chargesSaved: true,
    open: async (order) => {
      const expiresAt = new Date(nowMs() + SESSION_LASTS_MS);
      const form = sessionOf(order, expiresAt);
      const key = `open-${order.paymentId}`;
      const session = sessionSchema.parse(await client.post('/v1/checkout/sessions', form, key));
      return { externalId: session.id, url: session.url ?? null, expiresAt };
    },
    charge: (order, method) => charge(client, order, method),
    refund: async ({ refundId, paymentId, currency, amountPico, externalPaymentId }) => {
      if (externalPaymentId === null) return refused('there is no payment at Stripe');
      const form: Form = {
        payment_intent: externalPaymentId,
        amount: toMinorUnits(amountPico, currency),
        metadata: { refundId, paymentId },
      };
      try {
        const answer = await client.post('/v1/refunds', form, `refund-${refundId}`);
        const { id: externalId, status, failure_reason: reason } = refundSchema.parse(answer);
        if (status === 'failed' || status === 'canceled') {
          return { ...refused(reason ?? status), externalId };
        }
        return { kind: status === 'succeeded' ? 'done' : 'pending', externalId, problem: null };
      } catch (error) {
        if (codeOf(error) !== 'payment.provider_refused') throw error;
        return refused('Stripe refuses it');
      }
    },
    readEvent: async (raw) => {
      const read = readStripeEvent(verifyEvent(raw, options.webhookSecret, nowMs()));
      if (read === null || !isOurs(read)) return null;
      const { methodOf, ...message } = read;
      return { ...message, method: methodOf === null ? null : await findMethod(client, methodOf) };
    },
  };
}

function sessionOf(order: Order, expiresAt: Date): Form {
  const { paymentId, tenantId, currency, amountPico, label, returnUrl, savesMethod } = order;
  const metadata = { paymentId, tenantId };
  return {
    mode: 'payment',
    client_reference_id: paymentId,
    metadata,
    payment_intent_data: {
      metadata,
      setup_future_usage: savesMethod ? 'off_session' : undefined,
    },
    ...(order.customerId === null
      ? { customer_creation: savesMethod ? 'always' : 'if_required' }
      : { customer: order.customerId }),
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: currency.toLowerCase(),
          unit_amount: toMinorUnits(amountPico, currency),
          product_data: { name: label },
        },
      },
    ],
    success_url: returnUrl,
    cancel_url: `${returnUrl}&canceled=true`,
    expires_at: Math.floor(expiresAt.getTime() / 1_000),
  };
}

async function charge(
  client: StripeClient,
  order: Order,
  method: SavedMethod,
): Promise<ChargeAnswer> {
  const { paymentId, tenantId, currency, amountPico, label } = order;
  const form: Form = {
    amount: toMinorUnits(amountPico, currency),
    currency: currency.toLowerCase(),
    customer: method.customerId,
    payment_method: method.methodId,
    off_session: true,
    confirm: true,
    description: label,
    metadata: { paymentId, tenantId },
  };
  try {
    const answer = await client.post('/v1/payment_intents', form, `charge-${paymentId}`);
    const intent = intentSchema.parse(answer);
    if (intent.status !== 'succeeded') return { externalPaymentId: intent.id, facts: [] };
    const paidCurrency = intent.currency.toUpperCase();
    const totalPico = fromMinorUnits(intent.amount_received ?? 0, paidCurrency);
    return {
      externalPaymentId: intent.id,
      facts: [{ kind: 'paid', currency: paidCurrency, totalPico }],
    };
  } catch (error) {
    if (codeOf(error) !== 'payment.provider_refused') throw error;
    return { externalPaymentId: null, facts: [{ kind: 'failed', problem: 'declined' }] };
  }
}

/** What was saved, in words a person knows it by; null when there is nothing to charge again. */
async function findMethod(
  client: StripeClient,
  of: Readonly<{ customerId: string; externalPaymentId: string }>,
): Promise<SavedMethod | null> {
  const path = `/v1/payment_intents/${encodeURIComponent(of.externalPaymentId)}`;
  const answer = await client.get(path, { expand: ['payment_method'] });
  const method = intentMethodSchema.parse(answer).payment_method;
  if (method === null || method === undefined) return null;
  const { card, id: methodId, type } = method;
  const label = card === null || card === undefined ? type : `${card.brand} …${card.last4}`;
  return { customerId: of.customerId, methodId, label };
}

function verifyEvent(
  raw: Readonly<{ body: string; signature: string }>,
  secret: string,
  nowMs: number,
): StripeEvent {
  if (isFromStripe(raw, secret, nowMs)) return eventSchema.parse(JSON.parse(raw.body));
  throw fail('payment.signature_invalid', 'This message does not carry a valid signature.');
}

function refused(problem: string): RefundAnswer {
  return { kind: 'refused', externalId: null, problem };
}
