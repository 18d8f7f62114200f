/** Leases over several sources: whatever happens, what a lease sets aside can be paid. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { CASH_SOURCE, type Covering, cashSource } from './covering.ts';
import { type Account, type Posting, platformAccount, tenantCredit } from './entry.ts';
import { LEASE_TTL_MS } from './lease.ts';
import { type LeasePart, releaseParts } from './lease-part.ts';
import { createLedger } from './ledger.ts';

const { database } = await createTestDatabase();
const clock = createManualClock();
/** By tenant: an account of its own beside its cash, for calls of one model. */
const second = new Map<string, Readonly<{ account: Account; endsAtMs: number | null }>>();

const covering: Covering = {
  coverOf: async (_tx, { tenantId, modelId, currency }) => {
    const grant = second.get(tenantId);
    const cash = cashSource(tenantId, currency);
    if (grant === undefined || modelId !== 'mdl_one') return [cash];
    return [{ sourceId: 'grt_one', ...grant, availablePico: null, isScoped: true }, cash];
  },
};
const ledger = createLedger({ database, covering, clock, log: silentLog });

async function tenantWith(cashPico: bigint, grantPico: bigint, endsAtMs: number | null = null) {
  const tenantId = await insertTenant(database);
  // The ledger does not mind which kind an account has; one tenant has one of each.
  const account: Account = {
    id: `tenant/${tenantId}/revenue/CNY`,
    tenantId,
    kind: 'revenue',
    currency: 'CNY',
  };
  second.set(tenantId, { account, endsAtMs });
  const given = [
    { account: tenantCredit(tenantId, 'CNY'), amountPico: cashPico },
    { account, amountPico: grantPico },
    { account: platformAccount('grant', 'CNY'), amountPico: -cashPico - grantPico },
  ];
  await post(`given/${tenantId}`, given);
  return { tenantId, account };
}

async function post(key: string, postings: readonly Posting[]): Promise<void> {
  await transaction(database, async (tx) => {
    const entry = { key, kind: 'credit', reference: {}, effectiveAtMs: clock.nowMs() } as const;
    await ledger.post(tx, { ...entry, postings });
  });
}

const scope = { projectId: 'prj_one', modelId: 'mdl_one' };
const ask = (tenantId: string, amountPico: bigint, isScoped: boolean, minimumPico = amountPico) =>
  ledger.leases.open({
    gatewayId: 'gtw_1',
    tenantId,
    currency: 'CNY',
    amountPico,
    minimumPico,
    ...(isScoped ? { scope } : {}),
  });

/** Posts a call as the module above does: the grant first, as far as nobody else holds it. */
async function spend(
  tenantId: string,
  call: Readonly<{ key: string; leaseId: string; amountPico: bigint; isScoped: boolean }>,
): Promise<void> {
  const grant = second.get(tenantId)?.account;
  assert.ok(grant !== undefined);
  const cash = tenantCredit(tenantId, 'CNY');
  await transaction(database, async (tx) => {
    const payable = await ledger.leases.payable(tx, {
      accounts: [cash, grant],
      leaseIds: [call.leaseId],
    });
    const state = payable.accounts.get(grant.id);
    const own = payable.parts.get(call.leaseId)?.find(({ sourceId }) => sourceId === 'grt_one');
    assert.ok(state !== undefined);
    const may = call.isScoped ? state.balancePico - state.heldPico + (own?.heldPico ?? 0n) : 0n;
    const ofGrant = may < call.amountPico ? may : call.amountPico;
    const ofCash = call.amountPico - ofGrant;
    await ledger.post(tx, {
      key: call.key,
      kind: 'usage',
      reference: {},
      effectiveAtMs: clock.nowMs(),
      postings: [
        { account: grant, amountPico: -ofGrant },
        { account: cash, amountPico: -ofCash },
        { account: platformAccount('revenue', 'CNY'), amountPico: call.amountPico },
      ],
    });
    await ledger.leases.settle(tx, [
      {
        id: call.leaseId,
        tenantId,
        amountPico: call.amountPico,
        parts: [
          { sourceId: 'grt_one', amountPico: ofGrant },
          { sourceId: CASH_SOURCE, amountPico: ofCash },
        ],
      },
    ]);
  });
}

describe('a lease over several sources', () => {
  it('takes them in their order, and is for the calls that all of them are for', async () => {
    const { tenantId } = await tenantWith(70n, 30n);

    const scoped = await ask(tenantId, 40n, true);
    const general = await ask(tenantId, 60n, false);

    assert.deepEqual(scoped.lease?.scope, scope);
    assert.equal(general.lease?.scope, null);
    assert.equal((await ask(tenantId, 1n, true)).lease, null);
  });

  it('ends no later than the first of its sources', async () => {
    const soon = clock.nowMs() + 60_000;
    const { tenantId } = await tenantWith(400n, 30n, soon);

    assert.equal((await ask(tenantId, 40n, true)).lease?.expiresAtMs, soon);
    assert.equal((await ask(tenantId, 10n, false)).lease?.ttlMs, LEASE_TTL_MS);
  });

  it('grows, in the hands of its gateway alone', async () => {
    const { tenantId } = await tenantWith(100n, 0n);
    const { lease } = await ask(tenantId, 10n, false);
    assert.ok(lease);
    const more = {
      gatewayId: 'gtw_1',
      tenantId,
      currency: 'CNY',
      amountPico: 5n,
      leaseId: lease.id,
    };

    assert.equal((await ledger.leases.open(more)).lease?.amountPico, 15n);
    await assert.rejects(ledger.leases.open({ ...more, gatewayId: 'gtw_2' }), {
      code: 'ledger.lease_unknown',
    });
    assert.equal((await ledger.balance(tenantId)).held, '0.000000000015');
  });

  it('can always be paid, under any order of opening, spending and closing', async () => {
    const step = fc.record({
      do: fc.constantFrom('open' as const, 'open' as const, 'spend' as const, 'close' as const),
      isScoped: fc.boolean(),
      pick: fc.nat(),
      amount: fc.bigInt(1n, 60n),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
        run += 1;
        const { tenantId, account } = await tenantWith(60n, 40n);
        const open: { id: string; left: bigint; isScoped: boolean }[] = [];
        for (const [index, { do: action, isScoped, pick, amount }] of steps.entries()) {
          const lease = open[pick % Math.max(1, open.length)];
          if (action === 'open') {
            const granted = await ask(tenantId, amount, isScoped, 1n);
            if (granted.lease === null) continue;
            const { id, amountPico: left } = granted.lease;
            open.push({ id, left, isScoped: granted.lease.scope !== null });
          } else if (lease !== undefined && action === 'spend' && lease.left > 0n) {
            const amountPico = amount < lease.left ? amount : lease.left;
            lease.left -= amountPico;
            const key = `spend/${run}/${index}`;
            await spend(tenantId, {
              key,
              leaseId: lease.id,
              amountPico,
              isScoped: isScoped || lease.isScoped,
            });
          } else if (lease !== undefined && action === 'close') {
            await ledger.leases.close({ id: lease.id });
            open.splice(open.indexOf(lease), 1);
          }
          const { accounts, parts } = await transaction(database, (tx) =>
            ledger.leases.payable(tx, {
              accounts: [tenantCredit(tenantId, 'CNY'), account],
              leaseIds: open.map(({ id }) => id),
            }),
          );
          for (const [id, { balancePico, heldPico }] of accounts) {
            assert.ok(balancePico >= heldPico, `${id} has ${balancePico}, ${heldPico} held`);
          }
          for (const { id, left } of open) {
            const held = (parts.get(id) ?? []).reduce((sum, part) => sum + part.heldPico, 0n);
            assert.equal(held, left, 'a lease sets aside what is left of it');
          }
        }
      }),
      { numRuns: 25 },
    );
    assert.deepEqual(await ledger.verify(), []);
  });
});

describe('parts of a lease', () => {
  const part = (position: number, sourceId: string, heldPico: bigint): LeasePart => ({
    leaseId: 'lse_1',
    position,
    sourceId,
    accountId: sourceId,
    heldPico,
  });

  it('let go of what paid first, and then of what is too much, from the last', () => {
    const parts = [part(1, 'a', 10n), part(2, 'b', 10n), part(3, 'a', 5n)];
    const changed = releaseParts(parts, {
      paid: [{ sourceId: 'a', amountPico: 12n }],
      heldPico: 8n,
    });
    assert.deepEqual(
      changed.map(({ position, heldPico }) => [position, heldPico]),
      [
        [1, 0n],
        [2, 8n],
        [3, 0n],
      ],
    );
  });
});
