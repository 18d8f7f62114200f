/** Stripe's objects, as much of them as is read here. What else they hold is left alone. */
import { z } from 'zod';

const id = z.string().min(1).max(255);
/** A reference is an id, or the object itself where it was asked for. */
const reference = z
  .union([id, z.object({ id }).transform((value) => value.id)])
  .nullish()
  .transform((value) => value ?? null);
const metadata = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const amount = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const currency = z.string().regex(/^[a-zA-Z]{3}$/);

export const sessionSchema = z.object({
  id,
  url: z.string().nullish(),
  metadata,
  payment_intent: reference,
  customer: reference,
  payment_status: z.string().nullish(),
  amount_total: amount.nullish(),
  currency: currency.nullish(),
});

export const intentSchema = z.object({
  id,
  metadata,
  status: z.string().nullish(),
  amount_received: amount.nullish(),
  currency,
});

export const intentMethodSchema = z.object({
  payment_method: z
    .union([
      z.object({
        id,
        type: z.string(),
        card: z.object({ brand: z.string(), last4: z.string().regex(/^\d{4}$/) }).nullish(),
      }),
      z.string().transform(() => null),
    ])
    .nullish(),
});

export const chargeSchema = z.object({
  metadata,
  payment_intent: reference,
  amount_refunded: amount,
  currency,
});

export const refundSchema = z.object({
  id,
  metadata,
  payment_intent: reference,
  status: z.string().nullish(),
  failure_reason: z.string().nullish(),
});

export const disputeSchema = z.object({
  payment_intent: reference,
  status: z.string(),
  amount,
  currency,
});

export const eventSchema = z.object({
  id,
  type: z.string().max(100),
  data: z.object({ object: z.unknown() }),
});
export type StripeEvent = z.infer<typeof eventSchema>;
