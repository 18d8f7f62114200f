/** Who pays: single cases as a person would check them, and laws over random timelines. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Allowance } from './allowance.ts';
import { ANY_SCOPE, type Charge } from './charge.ts';
import { coversOf } from './cover.ts';
import { EMPTY_PURSE, type Part, type Purse, deduct } from './deduction.ts';
import type { Grant } from './grant.ts';
import { DEFAULT_ORDER, type DeductionOrder } from './order.ts';
import type { Quota } from './quota.ts';

const TENANT = 'ten_a';
const HOUR_MS = 3_600_000;

const grant = (change: Partial<Grant> & { id: string }): Grant => ({
  tenantId: TENANT,
  origin: 'manual',
  currency: 'CNY',
  remainingPico: 100n,
  shareBasisPoints: 10_000,
  priority: 100,
  scope: ANY_SCOPE,
  startsAtMs: 0,
  expiresAtMs: null,
  createdAtMs: 0,
  isRevoked: false,
  ...change,
});

const quota = (change: Partial<Quota> = {}): Quota => ({
  tenantId: TENANT,
  id: 'fq',
  modelId: 'm1',
  modelName: 'm1',
  unit: 'token',
  units: 10n,
  usedUnits: 0n,
  startsAtMs: 0,
  expiresAtMs: null,
  ...change,
});

const allowance = (change: Partial<Allowance> = {}): Allowance => ({
  tenantId: TENANT,
  subscriptionId: 'sub',
  modelIds: null,
  unit: 'token',
  atEnd: 'overage',
  currency: 'CNY',
  anchorMs: 0,
  endsAtMs: 1_000 * HOUR_MS,
  terms: [
    { period: '5_hours', allowance: 20n },
    { period: 'week', allowance: 50n },
  ],
  windows: [],
  ...change,
});

const charge = (change: Partial<Charge> = {}): Charge => ({
  eventKey: 'e',
  tenantId: TENANT,
  projectId: 'p1',
  modelId: 'm1',
  serviceTier: 'default',
  currency: 'CNY',
  amountPico: 60n,
  lines: [
    { unit: 'token', units: 10, amountPico: 20n },
    { unit: 'token', units: 10, amountPico: 40n },
  ],
  atMs: 1,
  leaseId: null,
  ...change,
});

const purse = (change: Partial<Purse>): Purse => ({ ...EMPTY_PURSE, ...change });
const shown = (parts: readonly Part[] | undefined): string =>
  (parts ?? []).map(({ sourceId, amountPico }) => `${sourceId ?? 'cash'} ${amountPico}`).join(', ');
const payOne = (from: Partial<Purse>, change: Partial<Charge> = {}): string =>
  shown(deduct(purse(from), [], [charge(change)]).parts[0]);

describe('a call', () => {
  it('is paid by free quota, plan, savings plan, grants and cash, in this order', () => {
    const from = {
      quotas: [quota({ units: 5n })],
      allowances: [allowance({ terms: [{ period: 'month', allowance: 7n }] })],
      grants: [
        grant({ id: 'g', remainingPico: 3n }),
        grant({ id: 's', origin: 'savings_plan', remainingPico: 4n }),
      ],
    };
    assert.equal(payOne(from), 'fq 10, sub 18, s 4, g 3, cash 25');
  });

  it('takes no free quota in a batch', () => {
    assert.equal(payOne({ quotas: [quota()] }, { serviceTier: 'batch' }), 'cash 60');
  });

  it('is paid by grants in order of priority, then of what ends soonest', () => {
    const grants = [
      grant({ id: 'late', expiresAtMs: 90, remainingPico: 10n }),
      grant({ id: 'soon', expiresAtMs: 50, remainingPico: 10n }),
      grant({ id: 'first', priority: 1, remainingPico: 10n }),
      grant({ id: 'never', remainingPico: 10n }),
    ];
    assert.equal(payOne({ grants }), 'first 10, soon 10, late 10, never 10, cash 20');
  });

  for (const [what, change] of [
    ['of another model', { scope: { ...ANY_SCOPE, modelIds: ['m2'] } }],
    ['of another project', { scope: { ...ANY_SCOPE, projectId: 'p2' } }],
    ['of another product', { scope: { ...ANY_SCOPE, product: 'tuning' } }],
    ['that has ended', { expiresAtMs: 1 }],
    ['that has not begun', { startsAtMs: 2 }],
    ['of another currency', { currency: 'USD' }],
    ['that is used up', { remainingPico: 0n }],
  ] as const) {
    it(`is not paid by a grant ${what}`, () => {
      assert.equal(payOne({ grants: [grant({ id: 'g', ...change })] }), 'cash 60');
    });
  }

  it('is paid for a part of each by a grant that says so, up to its amount', () => {
    const grants = [grant({ id: 'g', shareBasisPoints: 2_500, remainingPico: 20n })];
    const { parts } = deduct(purse({ grants }), [], [charge(), charge()]);
    assert.deepEqual(parts.map(shown), ['g 15, cash 45', 'g 5, cash 55']);
  });

  it('is paid in the order that was in force when it was let in', () => {
    const reordered: DeductionOrder = {
      id: 'o',
      effectiveFromMs: 100,
      steps: (['grant', 'savings_plan', 'plan', 'free_quota', 'cash'] as const).map((source) => ({
        source,
        exceptTiers: [],
      })),
    };
    const from = purse({ quotas: [quota()], grants: [grant({ id: 'g' })] });
    const { parts } = deduct(from, [reordered], [charge({ atMs: 99 }), charge({ atMs: 100 })]);
    assert.deepEqual(parts.map(shown), ['fq 20, g 40', 'g 60']);
  });

  it('that has no lines, because it was charged at its hold, takes no units', () => {
    assert.equal(
      payOne({ quotas: [quota()], allowances: [allowance()] }, { lines: [] }),
      'cash 60',
    );
  });
});

describe('an allowance', () => {
  it('is bounded by every window at once, and begins anew with each', () => {
    const from = purse({ allowances: [allowance()] });
    const hours = [0, 1, 5, 10, 15];
    const { parts, drawn } = deduct(
      from,
      [],
      hours.map((hour) =>
        charge({
          atMs: hour * HOUR_MS,
          amountPico: 15n,
          lines: [{ unit: 'token', units: 15, amountPico: 15n }],
        }),
      ),
    );
    assert.deepEqual(parts.map(shown), ['sub 15', 'sub 5, cash 10', 'sub 15', 'sub 15', 'cash 15']);
    const week = drawn.windows.find(({ period }) => period === 'week');
    assert.equal(week?.used, 50n);
  });

  it('that is counted in money pays at the list price', () => {
    const allowances = [allowance({ unit: 'amount', terms: [{ period: 'week', allowance: 50n }] })];
    assert.equal(payOne({ allowances }), 'sub 50, cash 10');
  });

  it('that blocks lets nobody else pay: what was let in all the same is the platform’s loss', () => {
    const from = purse({
      allowances: [allowance({ atEnd: 'block' })],
      grants: [grant({ id: 'g' })],
      held: [
        {
          leaseId: 'l',
          position: 0,
          sourceId: 'sub',
          accountId: '',
          heldPico: 20n,
          picoPerUnit: 1n,
          openedAtMs: 0,
        },
      ],
    });
    const { parts, drawn } = deduct(from, [], [charge({ leaseId: 'l' }), charge({ leaseId: 'l' })]);
    assert.deepEqual(parts.map(shown), ['sub 60', 'sub 60']);
    assert.deepEqual(
      drawn.windows.map(({ period, used, over }) => [period, used, over]),
      [
        ['5_hours', 20n, 20n],
        ['week', 20n, 20n],
      ],
    );
  });

  it('that began to block while a lease held cash lets that lease’s cash pay', () => {
    const from = purse({
      allowances: [allowance({ atEnd: 'block', terms: [{ period: 'week', allowance: 0n }] })],
      held: [
        {
          leaseId: 'l',
          position: 0,
          sourceId: 'cash',
          accountId: '',
          heldPico: 50n,
          picoPerUnit: 1n,
          openedAtMs: 0,
        },
      ],
    });
    const { parts } = deduct(from, [], [charge({ leaseId: 'l' })]);
    assert.equal(shown(parts[0]), 'cash 50, sub 10');
  });
});

describe('what a lease holds', () => {
  it('pays before cash, whatever the clock of its gateway says', () => {
    const hold = (sourceId: string, openedAtMs: number) => ({
      leaseId: 'mine',
      position: 0,
      sourceId,
      accountId: '',
      heldPico: 15n,
      picoPerUnit: 1n,
      openedAtMs,
    });
    const ahead = { grants: [grant({ id: 'g', expiresAtMs: 1 })], held: [hold('g', 0)] };
    const behind = { grants: [grant({ id: 'g', startsAtMs: 2 })], held: [hold('g', 3)] };
    const free = { quotas: [quota({ units: 20n, startsAtMs: 2 })], held: [hold('fq', 3)] };
    const plan = { allowances: [allowance({ anchorMs: 2 })], held: [hold('sub', 3)] };
    for (const [from, parts] of [
      [ahead, 'g 15, cash 45'],
      [behind, 'g 15, cash 45'],
      [free, 'fq 40, cash 20'],
      [plan, 'sub 40, cash 20'],
    ] as const) {
      assert.equal(payOne(from, { leaseId: 'mine' }), parts);
      assert.equal(payOne(from, { leaseId: 'other' }), 'cash 60');
    }
  });

  it('of a plan pays in the windows in which it was opened', () => {
    const used = { period: '5_hours' as const, startMs: 0, endMs: 5 * HOUR_MS };
    const from = purse({
      allowances: [allowance({ windows: [{ ...used, allowance: 20n, used: 20n }] })],
      held: [
        {
          leaseId: 'mine',
          position: 0,
          sourceId: 'sub',
          accountId: '',
          heldPico: 20n,
          picoPerUnit: 1n,
          openedAtMs: 5 * HOUR_MS,
        },
      ],
    });
    const late = charge({ atMs: 5 * HOUR_MS - 1, leaseId: 'mine' });
    const { parts, drawn } = deduct(from, [], [late]);
    assert.equal(shown(parts[0]), 'sub 60');
    assert.deepEqual(
      drawn.windows.map(({ startMs, used: taken }) => [startMs, taken]),
      [
        [5 * HOUR_MS, 20n],
        [0, 20n],
      ],
    );
  });

  it('is all that a grant pays once it was taken back', () => {
    const held = [
      {
        leaseId: 'mine',
        position: 0,
        sourceId: 'g',
        accountId: '',
        heldPico: 15n,
        picoPerUnit: 1n,
        openedAtMs: 0,
      },
    ];
    const from = { grants: [grant({ id: 'g', isRevoked: true })], held };
    assert.equal(payOne(from, { leaseId: 'mine' }), 'g 15, cash 45');
    assert.equal(payOne(from, { leaseId: 'other' }), 'cash 60');
  });

  it('is kept for its calls', () => {
    const held = [
      {
        leaseId: 'other',
        position: 0,
        sourceId: 'g',
        accountId: '',
        heldPico: 90n,
        picoPerUnit: 1n,
        openedAtMs: 0,
      },
    ];
    const from = { grants: [grant({ id: 'g' })], held };
    assert.equal(payOne(from, { leaseId: 'mine' }), 'g 10, cash 50');
    assert.equal(payOne(from, { leaseId: 'other' }), 'g 60');
  });
});

describe('what a lease for every call may hold', () => {
  const covers = (orders: readonly DeductionOrder[]) =>
    coversOf({ ...EMPTY_PURSE, grants: [grant({ id: 'g' })] }, orders, {
      projectId: null,
      modelId: null,
      serviceTier: null,
      currency: 'CNY',
      atMs: 1,
      least: null,
      isFreeOnly: false,
    }).covers.map(({ source, isScoped }) => [source, isScoped]);

  it('is no source that the order keeps from a class of service', () => {
    const steps = DEFAULT_ORDER.steps.map((step) =>
      step.source === 'grant' ? { ...step, exceptTiers: ['batch'] } : step,
    );
    assert.deepEqual(covers([]), [
      ['grant', false],
      ['cash', false],
    ]);
    assert.deepEqual(covers([{ id: 'own', effectiveFromMs: 0, steps }]), [
      ['grant', true],
      ['cash', false],
    ]);
  });
});
