/**
 * What Flywheel asks of whoever moves money, and what it hears from there. Adapters know nothing of
 * tenants, balances or invoices; they open, charge, pay back, and turn messages into facts.
 */
import type { Fact } from './payment.ts';

export type AdapterName = 'manual' | 'stripe';

/** What to pay, as a payer should see it. */
export type Order = Readonly<{
  paymentId: string;
  tenantId: string;
  currency: string;
  amountPico: bigint;
  /** Such as "Top-up" or "Invoice 2026-0007". */
  label: string;
  /** Where the payer comes back to. */
  returnUrl: string;
  /** Keep the means of payment for automatic top-ups. */
  savesMethod: boolean;
  /** The customer the other side knows already, if any. */
  customerId: string | null;
}>;

export type Opened = Readonly<{
  /** Of the session or transfer; null where there is nothing but our own id. */
  externalId: string | null;
  /** Where the payer goes on; null where there is only something to read. */
  url: string | null;
  expiresAt: Date | null;
}>;

export type SavedMethod = Readonly<{ customerId: string; methodId: string; label: string }>;

export type Refund = Readonly<{
  refundId: string;
  paymentId: string;
  currency: string;
  amountPico: bigint;
  externalPaymentId: string | null;
}>;

/** `pending`: the other side does it and says so later. */
export type RefundAnswer = Readonly<{
  kind: 'done' | 'pending' | 'refused';
  externalId: string | null;
  problem: string | null;
}>;

export type ChargeAnswer = Readonly<{ externalPaymentId: string | null; facts: readonly Fact[] }>;

export type RawEvent = Readonly<{ body: string; signature: string }>;

/** A message of the other side, proven to be from there. */
export type PaymentEvent = Readonly<{
  eventId: string;
  kind: string;
  /** How to find the payment: our own id where the message carries it, else theirs. */
  paymentId: string | null;
  externalPaymentId: string | null;
  facts: readonly Fact[];
  /** Of ours, which the other side could not pay back after all. */
  failedRefundId: string | null;
  method: SavedMethod | null;
}>;

export type PaymentPort = Readonly<{
  adapter: AdapterName;
  /** Whether a saved means of payment can be charged without the payer. */
  chargesSaved: boolean;
  /** Raises `payment.amount_invalid`, `payment.provider_*`. */
  open: (order: Order) => Promise<Opened>;
  /** Safe to call again with the same payment. Raises `payment.provider_*`. */
  charge: (order: Order, method: SavedMethod) => Promise<ChargeAnswer>;
  /** Safe to call again with the same refund. Raises `payment.provider_unreachable`. */
  refund: (refund: Refund) => Promise<RefundAnswer>;
  /** Null for a message that is nobody's business here. Raises `payment.signature_invalid`. */
  readEvent: (raw: RawEvent) => Promise<PaymentEvent | null>;
}>;
