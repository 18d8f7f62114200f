/**
 * A thousand requests at once on three gateways, before a balance that pays for fifty; and gateways that are lost.
 *
 * @also postgresql
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { until } from '#gateway/gateway-fixture.ts';
import { LEASE_GRACE_MS, LEASE_TTL_MS, type LeaseMode } from '#ledger/lease.ts';
import { createTestDatabase } from '../database.ts';
import { startTinyEngine } from '../tiny-engine.ts';
import { type Answer, type Race, TOKEN_PICO, startRace } from './money-race.ts';
import { startUpstream } from './upstream.ts';

const GATEWAYS = 3;
const REQUESTS = 1_000;
const PAID = 50;
const WORDS = 8;

const { database } = await createTestDatabase();
const upstream = await startUpstream();
const folder = mkdtempSync(join(tmpdir(), 'flywheel-lost-'));
const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
  await upstream.stop(0);
  rmSync(folder, { recursive: true, force: true });
});

async function race(
  balancePico: bigint,
  mode: LeaseMode,
  given: Partial<Parameters<typeof startRace>[0]> = {},
): Promise<Race> {
  const usual = { database, balancePico, mode, gateways: GATEWAYS, upstreamUrl: upstream.url };
  const on = await startRace({ ...usual, ...given });
  running.push(on.stop);
  return on;
}

const speaking = (words: number, tokensMax = words) => ({
  max_tokens: tokensMax,
  messages: [{ role: 'user', content: JSON.stringify({ words }) }],
});

function all(on: Race, count: number, body: object): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => on.ask(index, body)));
}

const wholeOf = (answers: readonly Answer[]): number =>
  answers.filter(({ status, isWhole }) => status === 200 && isWhole).length;

/** The last leases end with their grace: what was shipped of them is settled, and nothing is set aside. */
async function assertBooksClosed(on: Race): Promise<void> {
  on.later(LEASE_TTL_MS + LEASE_GRACE_MS + 1_000);
  await on.ledger.leases.sweep();
  assert.deepEqual(await on.ledger.verify(), []);
  const { leases } = await on.books();
  assert.deepEqual(
    leases.filter(({ state }) => state === 'open'),
    [],
  );
  const { available, balance } = await on.ledger.balance(on.tenantId);
  assert.equal(available, balance);
}

describe('a thousand requests on three gateways', () => {
  it('are answered fifty times where fifty are paid for, to the last pico', async () => {
    const balancePico = BigInt(PAID * WORDS) * TOKEN_PICO;
    const on = await race(balancePico, 'strict');

    const answers = await all(on, REQUESTS, speaking(WORDS));
    await on.drain();

    assert.equal(wholeOf(answers), PAID);
    assert.equal(answers.filter(({ status }) => status === 402).length, REQUESTS - PAID);
    const { balancePico: left, calls, ratedPico } = await on.books();
    assert.deepEqual([left, calls, ratedPico], [0n, PAID, balancePico]);
    await assertBooksClosed(on);
  });

  it('never overspend in strict mode, however much of what was held comes back', async () => {
    const balancePico = BigInt(PAID * WORDS) * TOKEN_PICO;
    const on = await race(balancePico, 'strict');

    const answers = await all(on, REQUESTS, speaking(WORDS - 3, WORDS));
    await on.drain();

    const whole = wholeOf(answers);
    assert.ok(whole >= PAID, `only ${whole} were answered`);
    const { balancePico: left, ratedPico } = await on.books();
    assert.equal(ratedPico, BigInt(whole * (WORDS - 3)) * TOKEN_PICO);
    assert.equal(left, balancePico - ratedPico);
    assert.ok(left >= 0n, `${left} are left`);
    await assertBooksClosed(on);
  });

  it('overspend by one lease at most in relaxed mode', async () => {
    const balancePico = BigInt(PAID * WORDS) * TOKEN_PICO;
    const on = await race(balancePico, 'relaxed');
    // Whole answers, which nobody can stop: half of them longer than was to be expected.
    const short = { ...speaking(1, WORDS * 2), stream: false };
    const long = { ...speaking(WORDS * 2), stream: false };

    await all(on, PAID, short);
    await all(on, REQUESTS, long);
    const { leases } = await on.books();
    await on.drain();

    const largest = leases.reduce(
      (most, { amountPico }) => (amountPico > most ? amountPico : most),
      0n,
    );
    const { balancePico: left, ratedPico } = await on.books();
    assert.equal(left, balancePico - ratedPico);
    assert.ok(left >= -largest, `${-left} overspent, the largest lease was ${largest}`);
    await assertBooksClosed(on);
  });
});

describe('a gateway that is lost', () => {
  it('keeps its lease set aside for its life and grace, then it ends with what was shipped', async () => {
    const balancePico = BigInt(PAID * WORDS) * TOKEN_PICO;
    const on = await race(balancePico, 'strict');
    const lost = on.gateways[0];
    assert.ok(lost !== undefined);
    assert.equal((await on.ask(0, speaking(WORDS))).isWhole, true);
    await until(async () => (await on.books()).calls === 1);

    await lost.kill(join(folder, 'strict'));
    const [lease] = (await on.books()).leases;
    assert.ok(lease !== undefined);
    const { available } = await on.ledger.balance(on.tenantId);
    on.later(LEASE_TTL_MS + LEASE_GRACE_MS - 1_000);
    assert.equal(await on.ledger.leases.sweep(), 0);
    on.later(2_000);
    assert.equal(await on.ledger.leases.sweep(), 1);

    const { balancePico: left, leases } = await on.books();
    const spent = BigInt(WORDS) * TOKEN_PICO;
    assert.equal(left, balancePico - spent);
    assert.deepEqual(leases, [
      { state: 'expired', amountPico: lease.amountPico, settledPico: spent },
    ]);
    const after = await on.ledger.balance(on.tenantId);
    assert.equal(after.available, after.balance);
    assert.notEqual(available, after.available);
    const answers = await all(
      { ...on, ask: (index, body) => on.ask(1 + (index % 2), body) },
      REQUESTS / 10,
      speaking(WORDS),
    );
    assert.equal(wholeOf(answers), PAID - 1);
    await on.drain();
    await assertBooksClosed(on);
  });
});

describe('a stream of a real engine whose money runs out', () => {
  it('is cut with a reason where estimates are set aside, and paid for as far as it came', async () => {
    const tiny = await startTinyEngine();
    running.push(tiny.close);
    const { url: upstreamUrl, key, info } = tiny.engine;
    // The first estimate is 1,024 tokens; what it may be raised by is not there.
    const balancePico = 1_100n * TOKEN_PICO;
    const on = await race(balancePico, 'relaxed', {
      gateways: 1,
      upstreamUrl,
      engine: { key, model: info.model, contextLength: 2_048 },
    });
    const endless = {
      max_tokens: 1_900,
      ignore_eos: true,
      messages: [{ role: 'user', content: 'Count.' }],
    };

    const answer = await on.ask(0, endless);
    await on.drain();

    assert.equal(answer.status, 200);
    assert.match(answer.text, /insufficient_quota/, answer.text.slice(-400));
    const { balancePico: left, ratedPico, calls } = await on.books();
    assert.equal(calls, 1);
    assert.ok(ratedPico > 900n * TOKEN_PICO, String(ratedPico));
    assert.ok(left >= 0n, `${left} are left`);
    await assertBooksClosed(on);
  });
});
