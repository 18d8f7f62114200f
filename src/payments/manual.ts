/**
 * Bank transfers that people make and record: nothing moves by itself. The payer is told where to send
 * what under which reference; the operator records what came, and pays back by hand.
 */
import { fail } from './errors.ts';
import type { PaymentPort } from './port.ts';
import { toMinorUnits } from './minor-units.ts';

/** An announced transfer that did not come by then is forgotten; one that comes all the same still counts. */
const EXPIRES_AFTER_MS = 30 * 24 * 60 * 60_000;

export function createManualPort(nowMs: () => number): PaymentPort {
  return {
    adapter: 'manual',
    chargesSaved: false,
    open: async ({ amountPico, currency }) => {
      toMinorUnits(amountPico, currency);
      return { externalId: null, url: null, expiresAt: new Date(nowMs() + EXPIRES_AFTER_MS) };
    },
    charge: async () => {
      throw fail('payment.method_missing', 'A bank transfer is made by people.');
    },
    refund: async () => ({ kind: 'done', externalId: null, problem: null }),
    readEvent: async () => {
      throw fail('payment.signature_invalid', 'Transfers are recorded by the operator.');
    },
  };
}
