import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql, transaction } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { type NewEntry, platformAccount, tenantCredit } from './entry.ts';
import { createLedger } from './ledger.ts';
import { PICO_PER_UNIT, formatAmount, sum } from './money.ts';

const { database } = await createTestDatabase();
const clock = createManualClock();
const ledger = createLedger({ database, clock, log: silentLog });

const revenue = platformAccount('revenue', 'CNY');

function usage(tenantId: string, key: string, amountPico: bigint): NewEntry {
  return {
    key,
    kind: 'usage',
    reference: {},
    effectiveAtMs: clock.nowMs(),
    postings: [
      { account: tenantCredit(tenantId, 'CNY'), amountPico: -amountPico },
      { account: revenue, amountPico },
    ],
  };
}

describe('posting', () => {
  it('keeps balances equal to a naive sum, however entries are batched and repeated', async () => {
    const tenants = [await insertTenant(database), await insertTenant(database)];
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(
            fc.record({
              tenant: fc.nat(1),
              number: fc.nat(20),
            }),
            { minLength: 1, maxLength: 8 },
          ),
          { maxLength: 6 },
        ),
        async (batches) => {
          run += 1;
          const before = await Promise.all(tenants.map((id) => ledger.balance(id)));
          const expected = new Map<string, bigint>();
          for (const batch of batches) {
            const entries = new Map(
              batch.map(({ tenant, number }) => {
                const id = tenants[tenant] ?? '';
                const key = `run-${run}/${id}/${number}`;
                return [key, { id, entry: usage(id, key, BigInt(number) * 7n + 1n) }] as const;
              }),
            );
            await transaction(database, (tx) =>
              ledger.postAll(
                tx,
                [...entries.values()].map(({ entry }) => entry),
              ),
            );
            for (const [key, { entry }] of entries) {
              expected.set(key, entry.postings[1]?.amountPico ?? 0n);
            }
          }
          const after = await Promise.all(tenants.map((id) => ledger.balance(id)));
          tenants.forEach((id, index) => {
            const spent = sum(
              [...expected].filter(([key]) => key.includes(id)).map(([, amount]) => amount),
            );
            assert.equal(after[index]?.balance, minus(before[index]?.balance ?? '0', spent));
          });
        },
      ),
      { numRuns: 15 },
    );
    assert.deepEqual(
      (await ledger.verify()).filter(({ law }) => law !== 'no balance is under its floor'),
      [],
    );
  });

  it('answers a repeated key with the first entry and refuses another payload under it', async () => {
    const tenantId = await insertTenant(database);
    const key = `twice/${tenantId}`;

    const first = await transaction(database, (tx) => ledger.post(tx, usage(tenantId, key, 5n)));
    const again = await transaction(database, (tx) => ledger.post(tx, usage(tenantId, key, 5n)));

    assert.deepEqual(again, { kind: 'duplicate', entryId: first.entryId });
    await assert.rejects(
      transaction(database, (tx) => ledger.post(tx, usage(tenantId, key, 6n))),
      { code: 'ledger.key_reused' },
    );
    assert.equal((await ledger.balance(tenantId)).balance, formatAmount(-5n));
  });

  it('posts a key once when many try at the same time', async () => {
    const tenantId = await insertTenant(database);
    const entry = usage(tenantId, `race/${tenantId}`, 11n);

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => transaction(database, (tx) => ledger.post(tx, entry))),
    );

    assert.equal(answers.filter(({ kind }) => kind === 'posted').length, 1);
    assert.equal((await ledger.balance(tenantId)).balance, formatAmount(-11n));
  });

  it('loses no update when many tenants and one platform account are written at once', async () => {
    const tenants = await Promise.all(Array.from({ length: 4 }, () => insertTenant(database)));

    await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const pair = [tenants[index % 4] ?? '', tenants[(index + 1) % 4] ?? ''];
        return transaction(database, (tx) =>
          ledger.postAll(
            tx,
            pair.map((id) => usage(id, `mesh/${index}/${id}`, 3n)),
          ),
        );
      }),
    );

    const balances = await Promise.all(tenants.map((id) => ledger.balance(id)));
    assert.deepEqual(
      balances.map(({ balance }) => balance),
      tenants.map(() => formatAmount(-60n)),
    );
  });

  it('refuses an entry that does not sum to zero, before and inside the database', async () => {
    const tenantId = await insertTenant(database);
    const entry = usage(tenantId, `odd/${tenantId}`, 5n);

    await assert.rejects(
      transaction(database, (tx) =>
        ledger.post(tx, { ...entry, postings: entry.postings.slice(0, 1) }),
      ),
      { code: 'ledger.unbalanced' },
    );
  });

  it('enforces the floor where the caller asks, and takes the whole transaction back', async () => {
    const tenantId = await insertTenant(database);
    const spend = transaction(database, async (tx) => {
      await ledger.post(tx, usage(tenantId, `floor/${tenantId}`, 1n));
      await ledger.requireFloor(tx, { tenantId, currency: 'CNY' });
    });

    await assert.rejects(spend, { code: 'ledger.insufficient_balance' });
    assert.equal((await ledger.balance(tenantId)).balance, '0');
  });

  it('cannot be edited or emptied', async () => {
    for (const statement of [
      'update ledger_postings set amount_pico = 0',
      'delete from ledger_entries',
      'truncate ledger_postings',
    ]) {
      await assert.rejects(sql.raw(statement).execute(database), {
        constraint: 'ledger_is_append_only',
      });
    }
  });
});

describe('credit', () => {
  it('adds to the balance once per idempotency key of its tenant', async () => {
    const [one, other] = [await insertTenant(database), await insertTenant(database)];
    const credit = (tenantId: string) =>
      ledger.credit({
        tenantId,
        currency: 'CNY',
        amountPico: 10n * PICO_PER_UNIT,
        idempotencyKey: 'first',
        note: '',
      });

    await credit(one);
    await credit(one);
    await credit(other);

    assert.equal((await ledger.balance(one)).balance, '10');
    assert.equal((await ledger.balance(other)).balance, '10');
  });

  it('refuses an unknown tenant and an amount that is not above zero', async () => {
    const credit = { currency: 'CNY', idempotencyKey: 'x', note: '' };

    await assert.rejects(ledger.credit({ ...credit, tenantId: 'ten_nobody', amountPico: 1n }), {
      code: 'ledger.tenant_unknown',
    });
    await assert.rejects(ledger.credit({ ...credit, tenantId: 'ten_nobody', amountPico: 0n }), {
      code: 'ledger.amount_invalid',
    });
  });
});

describe('the entries of a tenant', () => {
  it('leave out every other tenant, its entries and its postings', async () => {
    const [mine, theirs] = [await insertTenant(database), await insertTenant(database)];
    const shared: NewEntry = {
      ...usage(mine, `shared/${mine}`, 4n),
      postings: [
        { account: tenantCredit(mine, 'CNY'), amountPico: -4n },
        { account: tenantCredit(theirs, 'CNY'), amountPico: 1n },
        { account: revenue, amountPico: 3n },
      ],
    };
    await transaction(database, (tx) =>
      ledger.postAll(tx, [shared, usage(theirs, `own/${theirs}`, 2n)]),
    );

    const entries = await ledger.entries({ tenantId: mine, beforeId: null, limit: 10 });

    assert.deepEqual(
      entries.map(({ key }) => key),
      [`shared/${mine}`],
    );
    assert.ok(!JSON.stringify(entries).includes(theirs));
    assert.equal(entries[0]?.postings.length, 2);
  });
});

describe('verify', () => {
  it('finds a balance that was changed behind the ledger', async () => {
    const tenantId = await insertTenant(database);
    await transaction(database, (tx) => ledger.post(tx, usage(tenantId, `bad/${tenantId}`, 9n)));
    await sql`update ledger_balances set balance_pico = 1
      where account_id = ${tenantCredit(tenantId, 'CNY').id}`.execute(database);

    const findings = await ledger.verify();

    assert.ok(
      findings.some(
        ({ law, subject }) =>
          law === 'a balance is the sum of its postings' && subject.includes(tenantId),
      ),
    );
  });
});

function minus(balance: string, pico: bigint): string {
  const [whole = '0', fraction = ''] = balance.replace('-', '').split('.');
  const size = BigInt(whole + fraction.padEnd(12, '0'));
  return formatAmount((balance.startsWith('-') ? -size : size) - pico);
}
