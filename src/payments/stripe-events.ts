/** Stripe's messages as facts about payments. Pure. Totals are read, never differences (see payment.ts). */
import type { z } from 'zod';
import { fromMinorUnits } from './minor-units.ts';
import type { Fact } from './payment.ts';
import type { PaymentEvent } from './port.ts';
import {
  type StripeEvent,
  chargeSchema,
  disputeSchema,
  intentSchema,
  refundSchema,
  sessionSchema,
} from './stripe-objects.ts';

export type StripeMessage = Omit<PaymentEvent, 'method'> &
  Readonly<{
    /** Set where a means of payment was saved and can be looked up. */
    methodOf: Readonly<{ customerId: string; externalPaymentId: string }> | null;
  }>;

type Read = Omit<StripeMessage, 'eventId' | 'kind'>;

/** Null for kinds that say nothing of a payment. */
export function readStripeEvent(event: StripeEvent): StripeMessage | null {
  const read = READERS[event.type]?.(event.data.object, event.type) ?? null;
  return read === null ? null : { eventId: event.id, kind: event.type, ...read };
}

/** Of another product on the same account: it carries neither our id nor a payment at all. */
export function isOurs({ paymentId, externalPaymentId }: StripeMessage): boolean {
  return paymentId !== null || externalPaymentId !== null;
}

type Reader = (object: unknown, type: string) => Read;

const READERS: Readonly<Record<string, Reader>> = {
  'checkout.session.completed': ofSession,
  'checkout.session.async_payment_succeeded': ofSession,
  'checkout.session.async_payment_failed': ofSession,
  'checkout.session.expired': ofSession,
  'payment_intent.succeeded': ofIntent,
  'payment_intent.canceled': ofIntent,
  'charge.refunded': ofRefundedCharge,
  'refund.failed': ofFailedRefund,
  'charge.dispute.created': ofDispute,
  'charge.dispute.closed': ofDispute,
};

function ofSession(object: unknown, type: string): Read {
  const session = sessionSchema.parse(object);
  const { customer: customerId, payment_intent: externalPaymentId } = session;
  const methodOf =
    customerId === null || externalPaymentId === null ? null : { customerId, externalPaymentId };
  const paymentId = session.metadata['paymentId'] ?? null;
  const facts = factsOfSession(session, type);
  return { paymentId, externalPaymentId, facts, failedRefundId: null, methodOf };
}

function factsOfSession(session: z.infer<typeof sessionSchema>, type: string): readonly Fact[] {
  if (type === 'checkout.session.expired') return [{ kind: 'expired' }];
  if (type === 'checkout.session.async_payment_failed') {
    return [{ kind: 'failed', problem: 'declined' }];
  }
  // A transfer that takes days completes its session unpaid and says later what came of it.
  if (session.payment_status !== 'paid') return [];
  const currency = (session.currency ?? '').toUpperCase();
  const totalPico = fromMinorUnits(session.amount_total ?? 0, currency);
  return [{ kind: 'paid', currency, totalPico }];
}

function ofIntent(object: unknown, type: string): Read {
  const { id, metadata, ...intent } = intentSchema.parse(object);
  const currency = intent.currency.toUpperCase();
  const totalPico = fromMinorUnits(intent.amount_received ?? 0, currency);
  // On Stripe's page a declined card is tried again; only what is canceled is over.
  const fact: Fact =
    type === 'payment_intent.succeeded'
      ? { kind: 'paid', currency, totalPico }
      : { kind: 'failed', problem: 'canceled' };
  return addressed(metadata, id, [fact]);
}

function ofRefundedCharge(object: unknown): Read {
  const charge = chargeSchema.parse(object);
  const totalPico = fromMinorUnits(charge.amount_refunded, charge.currency);
  return addressed(charge.metadata, charge.payment_intent, [{ kind: 'refunded', totalPico }]);
}

function ofFailedRefund(object: unknown): Read {
  const { metadata, payment_intent } = refundSchema.parse(object);
  const failedRefundId = metadata['refundId'] ?? null;
  return { ...addressed(metadata, payment_intent, []), failedRefundId };
}

function ofDispute(object: unknown): Read {
  const { payment_intent, status, amount, currency } = disputeSchema.parse(object);
  const isWon = status === 'won' || status === 'warning_closed';
  const fact: Fact =
    status === 'lost'
      ? { kind: 'lost', totalPico: fromMinorUnits(amount, currency) }
      : { kind: 'disputed', state: isWon ? 'won' : 'open' };
  return addressed({}, payment_intent, [fact]);
}

function addressed(
  metadata: Readonly<Record<string, string>>,
  externalPaymentId: string | null,
  facts: readonly Fact[],
): Read {
  const paymentId = metadata['paymentId'] ?? null;
  return { paymentId, externalPaymentId, facts, failedRefundId: null, methodOf: null };
}
