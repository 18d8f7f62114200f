/**
 * Laws over random timelines: gateways open leases on what `coversOf` offers and spend them in any order,
 * while grants begin and end. Compared with what each source was given.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Allowance } from './allowance.ts';
import { type Charge, PRODUCTS, productOf } from './charge.ts';
import { coversOf } from './cover.ts';
import { type Part, type Purse, deduct } from './deduction.ts';
import { type Grant, mayPay } from './grant.ts';
import type { HeldPart } from './holds.ts';
import { type Quota, mayUse } from './quota.ts';

const MODELS = ['m1', 'm2'] as const;
/** What a token costs at least; calls cost up to three times as much. */
const LEAST: Readonly<Record<string, bigint>> = { m1: 1n, m2: 7n };
const END_MS = 40 * 3_600_000;

const scope = fc.record({
  modelIds: fc.constantFrom(null, ['m1'], ['m2']),
  projectId: fc.constantFrom(null, 'p1'),
  product: fc.constantFrom(null, ...PRODUCTS.slice(0, 2)),
});

const grants = fc.array(
  fc.record({
    tenantId: fc.constant('t'),
    id: fc.uuid(),
    origin: fc.constantFrom('manual' as const, 'coupon' as const, 'savings_plan' as const),
    currency: fc.constant('CNY'),
    remainingPico: fc.bigInt({ min: 0n, max: 500n }),
    shareBasisPoints: fc.constantFrom(10_000, 10_000, 3_333),
    priority: fc.integer({ min: 0, max: 2 }),
    scope,
    startsAtMs: fc.integer({ min: 0, max: END_MS / 2 }),
    expiresAtMs: fc.option(fc.integer({ min: END_MS / 4, max: END_MS }), { nil: null }),
    createdAtMs: fc.constant(0),
    isRevoked: fc.constant(false),
  }) satisfies fc.Arbitrary<Grant>,
  { maxLength: 4 },
);

const quotas = fc.array(
  fc.record({
    tenantId: fc.constant('t'),
    id: fc.uuid(),
    modelId: fc.constantFrom(...MODELS),
    modelName: fc.constant('m'),
    unit: fc.constant('token'),
    units: fc.bigInt({ min: 1n, max: 100n }),
    usedUnits: fc.constant(0n),
    startsAtMs: fc.constant(0),
    expiresAtMs: fc.option(fc.integer({ min: 1, max: END_MS }), { nil: null }),
  }) satisfies fc.Arbitrary<Quota>,
  { maxLength: 2 },
);

const allowances = fc.array(
  fc.record({
    tenantId: fc.constant('t'),
    subscriptionId: fc.constant('sub'),
    modelIds: fc.constantFrom(null, ['m1']),
    unit: fc.constantFrom('token' as const, 'amount' as const),
    atEnd: fc.constantFrom('overage' as const, 'block' as const),
    currency: fc.constant('CNY'),
    anchorMs: fc.integer({ min: 0, max: END_MS / 4 }),
    endsAtMs: fc.constant(END_MS * 2),
    terms: fc.constant([
      { period: '5_hours' as const, allowance: 60n },
      { period: 'week' as const, allowance: 150n },
    ]),
    windows: fc.constant([]),
  }) satisfies fc.Arbitrary<Allowance>,
  { maxLength: 1 },
);

const steps = fc.array(
  fc.record({
    modelId: fc.constantFrom(...MODELS),
    projectId: fc.constantFrom('p1', 'p2'),
    serviceTier: fc.constantFrom('default', 'default', 'batch'),
    opensLease: fc.boolean(),
    laterMs: fc.integer({ min: 0, max: 3_600_000 }),
    /** How far the clock of the call's gateway is from ours. */
    skewMs: fc.constantFrom<number>(0, 0, -3_600_000, 3_600_000),
    tokens: fc.integer({ min: 1, max: 20 }),
    times: fc.integer({ min: 1, max: 3 }),
    pick: fc.nat(),
    wantedPico: fc.bigInt({ min: 1n, max: 200n }),
  }),
  { maxLength: 40 },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;
type Lease = { id: string; step: Step; openedAtMs: number; endsAtMs: number; restPico: bigint };

/** Plays a timeline, each call in a deduction of its own, as shipments of one event would be. */
function play(start: Purse, cashPico: bigint, timeline: readonly Step[]) {
  let purse = start;
  let cash = cashPico;
  let nowMs = 0;
  const leases: Lease[] = [];
  const paid: { charge: Charge; parts: readonly Part[] }[] = [];
  for (const [index, step] of timeline.entries()) {
    nowMs += step.laterMs;
    if (step.opensLease) {
      const opened = openLease({ purse, cash, nowMs, id: `l${index}`, step });
      if (opened !== null) {
        leases.push(opened.lease);
        purse = { ...purse, held: [...purse.held, ...opened.parts] };
      }
      continue;
    }
    const usable = leases.filter(({ endsAtMs, restPico }) => endsAtMs > nowMs && restPico > 0n);
    const lease = usable[step.pick % Math.max(1, usable.length)];
    if (lease === undefined) continue;
    const charge = chargeOn(lease, step, nowMs + step.skewMs, index);
    if (charge === null) continue;
    const { parts, drawn } = deduct(purse, [], [charge]);
    lease.restPico -= charge.amountPico;
    const [own = []] = parts;
    for (const { source, amountPico } of own) if (source === 'cash') cash -= amountPico;
    purse = settle(purse, charge, own, drawn);
    paid.push({ charge, parts: own });
  }
  return { purse, cash, paid };
}

function openLease(
  request: Readonly<{ purse: Purse; cash: bigint; nowMs: number; id: string; step: Step }>,
): { lease: Lease; parts: readonly HeldPart[] } | null {
  const { purse, cash, nowMs, id, step } = request;
  const { covers } = coversOf(purse, [], {
    ...step,
    currency: 'CNY',
    atMs: nowMs,
    least: { unit: 'token', unitPico: LEAST[step.modelId] ?? 1n },
    isFreeOnly: false,
  });
  let missing = step.wantedPico;
  let endsAtMs = Infinity;
  const parts: HeldPart[] = [];
  for (const [position, cover] of covers.entries()) {
    const sourceId = cover.sourceId ?? 'cash';
    const held = purse.held
      .filter((part) => part.sourceId === sourceId)
      .reduce((sum, part) => sum + (part.heldPico + part.picoPerUnit - 1n) / part.picoPerUnit, 0n);
    const free = ((cover.units ?? cash) - held) * cover.picoPerUnit;
    const heldPico = free < missing ? free : missing;
    if (heldPico <= 0n) continue;
    missing -= heldPico;
    endsAtMs = Math.min(endsAtMs, cover.endsAtMs ?? Infinity);
    const { picoPerUnit } = cover;
    const own = { leaseId: id, accountId: '', position, sourceId };
    parts.push({ ...own, heldPico, picoPerUnit, openedAtMs: nowMs });
  }
  const amountPico = parts.reduce((sum, part) => sum + part.heldPico, 0n);
  if (amountPico === 0n) return null;
  return { lease: { id, step, openedAtMs: nowMs, endsAtMs, restPico: amountPico }, parts };
}

/** A call that its lease can pay, of the very kind that the lease was opened for. */
function chargeOn(lease: Lease, step: Step, atMs: number, index: number): Charge | null {
  const { modelId, projectId, serviceTier } = lease.step;
  const unitPico = (LEAST[modelId] ?? 1n) * BigInt(step.times);
  const most = Number(lease.restPico / unitPico);
  const units = Math.min(step.tokens, most);
  if (units === 0) return null;
  const amountPico = unitPico * BigInt(units);
  return {
    eventKey: `e${index}`,
    tenantId: 't',
    projectId,
    modelId,
    serviceTier,
    currency: 'CNY',
    amountPico,
    lines: [{ unit: 'token', units, amountPico }],
    atMs,
    leaseId: lease.id,
  };
}

/** Writes down what was drawn, as the stores do. */
function settle(
  purse: Purse,
  charge: Charge,
  parts: readonly Part[],
  drawn: ReturnType<typeof deduct>['drawn'],
): Purse {
  let left = charge.amountPico;
  const named = new Map<string, bigint>();
  for (const { sourceId, amountPico } of parts) {
    const id = sourceId ?? 'cash';
    named.set(id, (named.get(id) ?? 0n) + amountPico);
  }
  const release = (part: HeldPart, mostPico: bigint): HeldPart => {
    const take = [part.heldPico, mostPico, left].reduce((a, b) => (a < b ? a : b));
    left -= take;
    named.set(part.sourceId, (named.get(part.sourceId) ?? 0n) - take);
    return { ...part, heldPico: part.heldPico - take };
  };
  const isOwn = ({ leaseId }: HeldPart): boolean => leaseId === charge.leaseId;
  let held = purse.held.map((part) =>
    isOwn(part) ? release(part, named.get(part.sourceId) ?? 0n) : part,
  );
  held = held.toReversed().map((part) => (isOwn(part) ? release(part, left) : part));
  return {
    held: held.toReversed(),
    quotas: purse.quotas.map((each) => ({
      ...each,
      usedUnits: each.usedUnits + (drawn.quotas.get(each.id) ?? 0n),
    })),
    grants: purse.grants.map((each) => ({
      ...each,
      remainingPico: each.remainingPico - (drawn.grants.get(each.id) ?? 0n),
    })),
    allowances: purse.allowances.map((each) => ({
      ...each,
      windows: [
        ...each.windows.filter(
          (known) =>
            !drawn.windows.some(
              (now) => now.period === known.period && now.startMs === known.startMs,
            ),
        ),
        ...drawn.windows,
      ],
    })),
  };
}

const timelines = fc.record({
  grants,
  quotas,
  allowances,
  steps,
  cash: fc.bigInt({ min: 0n, max: 300n }),
});

type Timeline = typeof timelines extends fc.Arbitrary<infer T> ? T : never;
const playOf = ({ grants: given, quotas: free, allowances: plan, steps: all, cash }: Timeline) =>
  play({ grants: given, quotas: free, allowances: plan, held: [] }, cash, all);

describe('whatever happens', () => {
  it('the parts of a call sum to its amount, and none is negative', () => {
    fc.assert(
      fc.property(timelines, (timeline) => {
        for (const { charge, parts } of playOf(timeline).paid) {
          assert.equal(
            parts.reduce((sum, { amountPico }) => sum + amountPico, 0n),
            charge.amountPico,
          );
          assert.ok(parts.every(({ amountPico }) => amountPico >= 0n));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('nothing pays more than it has, out of its time or out of its scope', () => {
    fc.assert(
      fc.property(timelines, (timeline) => {
        const onTime = timeline.steps.map((step) => ({ ...step, skewMs: 0 }));
        const { purse, paid } = playOf({ ...timeline, steps: onTime });
        for (const { charge, parts } of paid) {
          for (const { source, sourceId } of parts) {
            const subject = { ...charge, product: productOf(charge) };
            const payer = timeline.grants.find(({ id }) => id === sourceId);
            const free = timeline.quotas.find(({ id }) => id === sourceId);
            if (payer !== undefined) assert.ok(mayPay(payer, subject));
            if (free !== undefined) assert.ok(mayUse(free, charge));
            if (source === 'free_quota') assert.notEqual(charge.serviceTier, 'batch');
          }
        }
        for (const { remainingPico } of purse.grants) assert.ok(remainingPico >= 0n);
        for (const { units, usedUnits } of purse.quotas) assert.ok(usedUnits <= units);
        for (const { windows } of purse.allowances) {
          for (const { used, allowance } of windows) assert.ok(used <= allowance);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('cash never goes below its floor while calls keep to their leases', () => {
    fc.assert(
      fc.property(timelines, (timeline) => {
        assert.ok(playOf(timeline).cash >= 0n);
      }),
      { numRuns: 600 },
    );
  });

  it('a plan that blocks is never overrun while calls keep to their leases', () => {
    fc.assert(
      fc.property(timelines, (timeline) => {
        const windows = playOf(timeline).purse.allowances.flatMap((each) => each.windows);
        for (const window of windows) assert.equal('over' in window ? window.over : 0n, 0n);
      }),
      { numRuns: 300 },
    );
  });

  it('the same history played again leaves the same balances', () => {
    fc.assert(
      fc.property(timelines, (timeline) => {
        assert.deepEqual(playOf(timeline), playOf(timeline));
      }),
      { numRuns: 100 },
    );
  });

  it('a history in one shipment leaves the sources as the same in many does', () => {
    fc.assert(
      fc.property(timelines, (timeline) => {
        const free = { ...timeline, steps: [] };
        const { purse } = playOf(free);
        const charges = playOf(timeline).paid.map(({ charge }) => ({ ...charge, leaseId: null }));
        const atOnce = deduct(purse, [], charges);
        let oneByOne = purse;
        const parts: (readonly Part[])[] = [];
        for (const charge of charges) {
          const each = deduct(oneByOne, [], [charge]);
          parts.push(each.parts[0] ?? []);
          oneByOne = settle(oneByOne, charge, each.parts[0] ?? [], each.drawn);
        }
        assert.deepEqual(atOnce.parts, parts);
      }),
      { numRuns: 200 },
    );
  });
});
