/**
 * What becomes of a payment as facts about it arrive. Pure. A fact says how much there is in total, never
 * how much more, so that facts may come twice and in any order: whatever the order, the payment ends the
 * same and the ledger holds the same. Money that is not what was asked for is set aside, with its reason.
 */

export type PaymentState = 'open' | 'succeeded' | 'failed' | 'expired' | 'quarantined';

export type Progress = Readonly<{
  currency: string;
  expectedPico: bigint;
  receivedPico: bigint;
  refundedPico: bigint;
  /** Taken back by a bank. */
  lostPico: bigint;
  state: PaymentState;
  problem: Problem | null;
  dispute: 'open' | 'won' | 'lost' | null;
}>;

export type Problem = 'amount_differs' | 'currency_differs' | 'declined' | 'late' | 'canceled';

export type Fact =
  | Readonly<{ kind: 'paid'; currency: string; totalPico: bigint }>
  | Readonly<{ kind: 'failed'; problem: 'declined' | 'canceled' }>
  | Readonly<{ kind: 'expired' }>
  | Readonly<{ kind: 'refunded'; totalPico: bigint }>
  | Readonly<{ kind: 'disputed'; state: 'open' | 'won' }>
  | Readonly<{ kind: 'lost'; totalPico: bigint }>;

/** Once money came, that it had failed before says nothing; once something is wrong, somebody must look. */
const RANK: Readonly<Record<PaymentState, number>> = {
  open: 0,
  expired: 1,
  failed: 2,
  succeeded: 3,
  quarantined: 4,
};

const DISPUTE_RANK = { open: 0, won: 1, lost: 2 } as const;

export function applyFact(payment: Progress, fact: Fact): Progress {
  if (fact.kind === 'paid') return applyPaid(payment, fact);
  if (fact.kind === 'failed') return atLeast(payment, 'failed', fact.problem);
  if (fact.kind === 'expired') return atLeast(payment, 'expired', null);
  if (fact.kind === 'refunded') {
    return { ...payment, refundedPico: larger(payment.refundedPico, fact.totalPico) };
  }
  if (fact.kind === 'lost') {
    const lostPico = larger(payment.lostPico, fact.totalPico);
    return { ...withDispute(payment, 'lost'), lostPico };
  }
  return withDispute(payment, fact.state);
}

function applyPaid(payment: Progress, fact: Fact & { kind: 'paid' }): Progress {
  if (fact.currency.toUpperCase() !== payment.currency.toUpperCase()) {
    return atLeast(payment, 'quarantined', 'currency_differs');
  }
  const received = { ...payment, receivedPico: larger(payment.receivedPico, fact.totalPico) };
  return fact.totalPico === payment.expectedPico
    ? atLeast(received, 'succeeded', null)
    : atLeast(received, 'quarantined', 'amount_differs');
}

function atLeast(payment: Progress, state: PaymentState, problem: Problem | null): Progress {
  const isHigher = RANK[state] > RANK[payment.state];
  if (isHigher) return { ...payment, state, problem };
  if (RANK[state] < RANK[payment.state]) return payment;
  // Of two reasons for the same, the one that comes first in the alphabet, so that order does not matter.
  const known = payment.problem;
  const isEarlier = problem !== null && (known === null || problem < known);
  return isEarlier ? { ...payment, problem } : payment;
}

function withDispute(payment: Progress, dispute: 'open' | 'won' | 'lost'): Progress {
  const isNews = payment.dispute === null || DISPUTE_RANK[dispute] > DISPUTE_RANK[payment.dispute];
  return isNews ? { ...payment, dispute } : payment;
}

/** Somebody looked at money that was set aside and takes it as it is. */
export function acceptAsReceived(payment: Progress): Progress {
  return { ...payment, state: 'succeeded', problem: null };
}

/** What of it belongs to the tenant now: this, and nothing else, is in the ledger. */
export function targetPico({ state, receivedPico, refundedPico, lostPico }: Progress): bigint {
  if (state !== 'succeeded') return 0n;
  const left = receivedPico - refundedPico - lostPico;
  return left > 0n ? left : 0n;
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
