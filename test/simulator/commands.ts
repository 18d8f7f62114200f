/**
 * What people and timers ask of control while calls go on: payments, grants, plans, papers, prices. Each is
 * a step that may die anywhere and is then asked again with the same key, as a client would. A command says
 * with which errors it may be refused; any other is a finding.
 */
import { formatAmount } from '#ledger/money.ts';
import type { ControlParts } from '#main/control-parts.ts';
import type { Random } from '../chaos/random.ts';
import type { Books } from './laws.ts';
import { CURRENCY, type Customer, PER_MILLION, type Stage, pricesOf } from './stage.ts';

export type Scene = Readonly<{
  stage: Stage;
  random: Random;
  nowMs: number;
  /** New for each command, and the same for each attempt of it. */
  key: string;
  customer: Customer;
  /** As they were after the last step. */
  books: Books;
  payments: readonly Readonly<{ id: string; tenantId: string; amountPico: bigint }>[];
  /** Cash that came, or went back; told once the command has an answer. */
  received: (tenantId: string, amountPico: bigint, paymentId: string) => void;
}>;

export type Command = Readonly<{
  name: string;
  /** Beginnings of the codes with which it may be refused. */
  refusals: readonly string[];
  /** Draws what it needs of the seed, then says what to ask; null where it makes no sense now. */
  plan: (scene: Scene) => ((parts: ControlParts) => Promise<unknown>) | null;
}>;

const COIN = 10_000_000_000n;

export const TOP_UP: Command = {
  name: 'top up',
  refusals: [],
  plan: ({ random, key, customer: { tenantId }, received, nowMs }) => {
    const amountPico = BigInt(random.between(1, 150)) * COIN;
    const record = {
      tenantId,
      amount: formatAmount(amountPico),
      receivedOn: new Date(nowMs).toISOString().slice(0, 10),
      idempotencyKey: key,
    };
    return async ({ payments }) => {
      const { id } = await payments.record(record);
      received(tenantId, amountPico, id);
    };
  },
};

const refund: Command = {
  name: 'refund',
  refusals: ['payment.not_refundable', 'ledger.insufficient_balance'],
  plan: ({ random, key, payments: made, received }) => {
    const payment = made[random.between(0, Math.max(0, made.length - 1))];
    if (payment === undefined) return null;
    const amountPico = BigInt(random.between(1, 20)) * COIN;
    const wish = { amount: formatAmount(amountPico), reason: 'asked for', idempotencyKey: key };
    return async ({ payments }) => {
      await payments.refund(payment.id, wish);
      received(payment.tenantId, -amountPico, payment.id);
    };
  },
};

const grant: Command = {
  name: 'grant',
  refusals: [],
  plan: ({ random, key, customer: { tenantId }, stage, nowMs }) => {
    const expiresAt = new Date(nowMs + random.between(1, 200) * 3_600_000).toISOString();
    const models = random.next() < 0.5 ? [random.pick(stage.models).name] : null;
    const amount = formatAmount(BigInt(random.between(1, 40)) * COIN);
    const wish = { tenantId, amount, expiresAt, models, idempotencyKey: key };
    const operator = { tenantId: stage.operatorId, isOperator: true };
    return ({ credits }) => credits.grants.give(operator, null, wish);
  },
};

const revoke: Command = {
  name: 'revoke a grant',
  refusals: ['grant.'],
  plan: ({ random, books, customer: { tenantId } }) => {
    const own = books.grants.filter(({ accountId }) => accountId.includes(tenantId));
    const chosen = own[random.between(0, Math.max(0, own.length - 1))];
    if (chosen === undefined) return null;
    return ({ credits }) => credits.grants.revoke({ tenantId, id: chosen.id });
  },
};

const coupon: Command = {
  name: 'redeem a coupon',
  refusals: ['coupon.'],
  plan: ({ random, customer: { tenantId }, stage }) => {
    const code = random.pick(stage.coupons);
    return ({ credits }) => credits.coupons.redeem({ tenantId, by: null, code });
  },
};

const savings: Command = {
  name: 'buy a savings plan',
  refusals: ['ledger.insufficient_balance'],
  plan: ({ key, customer: { tenantId }, stage: { savingsPlanId: id } }) => {
    return ({ credits }) =>
      credits.savingsPlans.buy({ tenantId, by: null, id, idempotencyKey: key });
  },
};

const plan: Command = {
  name: 'choose a plan',
  refusals: ['subscription.', 'ledger.insufficient_balance'],
  plan: ({ random, customer: { tenantId }, stage }) => {
    const planId = random.pick(stage.planIds);
    const choice = { tenantId, planId, by: null };
    const isNew = random.next() < 0.5;
    return ({ credits: { subscriptions } }) =>
      isNew ? subscriptions.subscribe(choice) : subscriptions.change(choice);
  },
};

const cancel: Command = {
  name: 'cancel a plan',
  refusals: ['subscription.'],
  plan: ({ random, customer: { tenantId } }) => {
    const isUndone = random.next() < 0.4;
    return ({ credits: { subscriptions } }) =>
      isUndone ? subscriptions.undo(tenantId) : subscriptions.cancel(tenantId);
  },
};

const quota: Command = {
  name: 'give the free quota',
  refusals: [],
  plan:
    ({ customer: { tenantId } }) =>
    ({ credits }) =>
      credits.quotas.give(tenantId),
};

const mode: Command = {
  name: 'set the lease mode',
  refusals: [],
  plan: ({ random, customer: { tenantId } }) => {
    const wanted = random.pick(['strict', 'strict', 'relaxed'] as const);
    return ({ ledger }) => ledger.leases.setMode({ tenantId, mode: wanted });
  },
};

const price: Command = {
  name: 'publish a price',
  refusals: ['price.exists', 'price.in_past'],
  plan: ({ random, stage, nowMs }) => {
    const operator = { tenantId: stage.operatorId, isOperator: true };
    const terms = { ...PER_MILLION, inputPerMillion: String(random.between(50, 200)) };
    const [model] = stage.models;
    const effectiveFromMs = nowMs + random.between(1, 100) * 1_000;
    const wish = {
      ...terms,
      model: model.name,
      currency: CURRENCY,
      effectiveFromMs,
      createdBy: null,
    };
    return async (parts) => {
      const { id } = await parts.pricing.publish(operator, wish);
      const known = model.prices.map(({ priceId }) => priceId);
      stage.models[0] = { ...model, prices: await pricesOf(parts, [...known, id]) };
    };
  },
};

const creditNote: Command = {
  name: 'credit note',
  refusals: ['credit_note.too_large', 'credit_note.amount_invalid', 'invoice.state_wrong'],
  plan: ({ random, books, key }) => {
    const issued = books.periods.flatMap(({ invoice }) => invoice ?? []);
    const invoice = issued[random.between(0, Math.max(0, issued.length - 1))];
    if (invoice === undefined) return null;
    const amountPico = random.next() < 0.3 ? null : BigInt(random.between(1, 30)) * COIN;
    const wish = { amountPico, reason: 'too much', idempotencyKey: key, createdBy: null };
    return ({ invoices }) => invoices.credit(invoice.number, wish);
  },
};

const writeOff: Command = {
  name: 'write off',
  refusals: ['invoice.state_wrong'],
  plan: ({ random, books }) => {
    const issued = books.periods.flatMap(({ invoice }) => invoice ?? []);
    const invoice = issued[random.between(0, Math.max(0, issued.length - 1))];
    if (invoice === undefined || random.next() < 0.7) return null;
    return ({ invoices }) => invoices.markUncollectible(invoice.number);
  },
};

const payout: Command = {
  name: 'pay an author out',
  refusals: ['payout.'],
  plan: ({ random, key, stage: { authorId: tenantId } }) => {
    const amountPico = BigInt(random.between(1, 8)) * COIN;
    const said = { reference: '', note: '', idempotencyKey: key, createdBy: null };
    const wish = { tenantId, currency: CURRENCY, amountPico, ...said };
    return ({ authors }) => authors.payouts.record(wish);
  },
};

/** Timers: what a control does by itself, at any moment. */
export const TIMERS: readonly Command[] = [
  {
    name: 'sweep leases',
    refusals: [],
    plan:
      () =>
      ({ ledger }) =>
        ledger.leases.sweep(),
  },
  {
    name: 'renew plans',
    refusals: [],
    plan:
      () =>
      ({ credits }) =>
        credits.subscriptions.sweep(),
  },
  {
    name: 'end grants',
    refusals: [],
    plan:
      () =>
      ({ credits }) =>
        credits.grants.sweep(),
  },
  {
    name: 'close periods',
    refusals: [],
    plan:
      () =>
      ({ invoices }) =>
        invoices.runRound(),
  },
];

const closeOne: Command = {
  name: 'close a period',
  refusals: ['invoice.period_open'],
  plan:
    ({ customer: { tenantId } }) =>
    ({ invoices }) =>
      invoices.close({ tenantId, label: null }),
};

/** Those that are named twice happen more often. */
export const COMMANDS: readonly [Command, ...Command[]] = [
  TOP_UP,
  TOP_UP,
  TOP_UP,
  refund,
  grant,
  grant,
  revoke,
  coupon,
  savings,
  plan,
  plan,
  cancel,
  quota,
  mode,
  price,
  creditNote,
  writeOff,
  payout,
  closeOne,
  ...TIMERS,
];
