/** What is no money is refused by name, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { type NewEntry, platformAccount, tenantCredit } from './entry.ts';
import { createLedger } from './ledger.ts';
import { PICO_MAX, formatAmount, parseAmount, parsePico } from './money.ts';

const { database } = await createTestDatabase();
const clock = createManualClock();
const ledger = createLedger({ database, clock, log: silentLog });

function entry(
  tenantId: string,
  given: Partial<NewEntry> & { amountPico?: bigint } = {},
): NewEntry {
  const { amountPico = 5n, ...rest } = given;
  return {
    key: `bad/${tenantId}`,
    kind: 'usage',
    reference: {},
    effectiveAtMs: clock.nowMs(),
    postings: [
      { account: tenantCredit(tenantId, 'CNY'), amountPico: -amountPico },
      { account: platformAccount('revenue', 'CNY'), amountPico },
    ],
    ...rest,
  };
}

const post = (given: NewEntry) => transaction(database, (tx) => ledger.post(tx, given));
const lease = (tenantId: string, amountPico: bigint, currency = 'CNY') =>
  ledger.leases.open({ gatewayId: 'gtw_1', tenantId, currency, amountPico });

describe('an amount', () => {
  it('is a plain decimal of at most 26 and 12 digits, or refused by name', () => {
    const odd = [
      'NaN',
      'Infinity',
      '',
      '-',
      '1e3',
      '0x10',
      '1.',
      '.5',
      '1,5',
      ' 1',
      '+1',
      '٣',
      '１',
    ];
    const fine = ['0.0000000000001', `0.${'0'.repeat(12)}1`, '9'.repeat(27)];
    for (const text of [...odd, ...fine]) {
      assert.throws(() => parseAmount(text), { code: 'ledger.amount_invalid' }, text);
    }
    for (const text of ['1.5', 'NaN', '9'.repeat(39), '--1']) {
      assert.throws(() => parsePico(text), { code: 'ledger.amount_invalid' }, text);
    }
  });

  it('never comes out of any other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          assert.equal(parseAmount(formatAmount(parseAmount(text))), parseAmount(text));
        } catch (error) {
          assert.equal(
            error instanceof Error && 'code' in error && error.code,
            'ledger.amount_invalid',
          );
        }
      }),
    );
  });

  it('below zero or above all digits is no lease and no credit', async () => {
    const tenantId = await insertTenant(database);
    const credit = { tenantId, currency: 'CNY', idempotencyKey: 'one', note: '' };

    await assert.rejects(lease(tenantId, -1n), { code: 'ledger.amount_invalid' });
    await assert.rejects(lease(tenantId, PICO_MAX + 1n), { code: 'ledger.amount_too_large' });
    for (const amountPico of [0n, -5n]) {
      await assert.rejects(ledger.credit({ ...credit, amountPico }), {
        code: 'ledger.amount_invalid',
      });
    }
    await assert.rejects(ledger.credit({ ...credit, amountPico: PICO_MAX + 1n }), {
      code: 'ledger.amount_too_large',
    });
    assert.equal((await ledger.balance(tenantId)).balance, '0');
  });

  it('that a balance cannot hold is refused, and what was there stays', async () => {
    const tenantId = await insertTenant(database);
    await post(entry(tenantId, { amountPico: -PICO_MAX }));
    const again = entry(tenantId, { key: `more/${tenantId}`, amountPico: -PICO_MAX });

    await assert.rejects(post(again), { code: 'ledger.amount_too_large' });

    assert.equal((await ledger.balance(tenantId)).balance, formatAmount(PICO_MAX));
    await post(entry(tenantId, { key: `back/${tenantId}`, amountPico: PICO_MAX }));
  });
});

describe('an entry', () => {
  it('has a currency that exists, everywhere', async () => {
    const tenantId = await insertTenant(database);
    const postings = [
      { account: tenantCredit(tenantId, 'XQZ'), amountPico: -5n },
      { account: platformAccount('revenue', 'XQZ'), amountPico: 5n },
    ];

    await assert.rejects(post(entry(tenantId, { postings })), { code: 'ledger.currency_unknown' });
    await assert.rejects(lease(tenantId, 5n, 'yuan'), { code: 'ledger.currency_unknown' });
  });

  it('takes effect at a moment', async () => {
    const tenantId = await insertTenant(database);
    for (const effectiveAtMs of [Number.NaN, -1, Number.POSITIVE_INFINITY, 9e15]) {
      await assert.rejects(post(entry(tenantId, { effectiveAtMs })), {
        code: 'ledger.time_invalid',
      });
    }
  });

  it('with the key of another is refused, and the first one stands', async () => {
    const tenantId = await insertTenant(database);
    const credit = { tenantId, currency: 'CNY', idempotencyKey: 'one', note: '' };
    await ledger.credit({ ...credit, amountPico: 5n });

    await assert.rejects(ledger.credit({ ...credit, amountPico: 6n }), {
      code: 'ledger.key_reused',
    });
    await assert.rejects(ledger.credit({ ...credit, amountPico: 5n, note: 'other' }), {
      code: 'ledger.key_reused',
    });
    assert.equal((await ledger.balance(tenantId)).balance, formatAmount(5n));
  });
});

describe('a clock that goes backwards', () => {
  it('loses no entry, no lease and no moment of a lease', async () => {
    const tenantId = await insertTenant(database);
    await ledger.credit({
      tenantId,
      currency: 'CNY',
      amountPico: 9n,
      idempotencyKey: 'a',
      note: '',
    });
    const first = await lease(tenantId, 4n);
    clock.advance(-3_600_000);

    const second = await lease(tenantId, 4n);
    await ledger.credit({
      tenantId,
      currency: 'CNY',
      amountPico: 1n,
      idempotencyKey: 'b',
      note: '',
    });
    await ledger.leases.sweep();

    assert.equal(second.lease?.ttlMs, first.lease?.ttlMs);
    const { balance, held } = await ledger.balance(tenantId);
    assert.deepEqual([balance, held], [formatAmount(10n), formatAmount(8n)]);
    clock.advance(3_600_000);
  });
});
