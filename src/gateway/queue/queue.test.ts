/** The line before busy replicas, over a real gateway: what callers see of it. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type Cloud,
  type CloudOptions,
  PRICE,
  MODEL,
  answering,
  startCloud,
  startScripted,
  until,
} from '../gateway-fixture.ts';

const NOTHING_LEFT = { live: 0, slots: 0, waiting: 0, holds: 0 };

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

type Held = Readonly<{
  cloud: Cloud;
  /** Who asked, in the order in which the engine was asked. */
  asked: string[];
  /** Lets the next one that is held have its answer. */
  answerNext: () => void;
}>;

/** One slot, and an engine that answers when it is told to. */
async function start(options: CloudOptions = {}): Promise<Held> {
  const asked: string[] = [];
  const held: (() => void)[] = [];
  const engine = await startScripted((incoming, outgoing, body) => {
    const { user = '' } = JSON.parse(body) as { user?: string };
    asked.push(user);
    held.push(() => answering(['x'])(incoming, outgoing, body));
  });
  const cloud = await startCloud({
    engines: [engine.url],
    replica: { parallel: 1 },
    ...options,
  });
  running.push(cloud.stop, engine.stop);
  return { cloud, asked, answerNext: () => held.shift()?.() };
}

const waits = (cloud: Cloud, count: number): Promise<void> =>
  until(() => cloud.gateway.counts().waiting === count);

const codeOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { error: { code: string } }).error.code;

describe('a request that has to wait', () => {
  it('is told its place and how long it took, and one that does not is told nothing', async () => {
    const { cloud, asked, answerNext } = await start();
    const first = cloud.chat();
    await until(() => asked.length === 1);
    const second = cloud.chat();
    await waits(cloud, 1);
    const third = cloud.chat();
    await waits(cloud, 2);
    for (let served = 1; served <= 3; served += 1) {
      await until(() => asked.length === served);
      answerNext();
    }

    const positions = [];
    for (const response of await Promise.all([first, second, third])) {
      assert.equal(response.status, 200);
      positions.push(response.headers.get('x-flywheel-queue-position'));
      const waitMs = response.headers.get('x-flywheel-queue-wait-ms');
      assert.equal(waitMs === null, positions.at(-1) === null);
      if (waitMs !== null) assert.match(waitMs, /^\d+$/);
    }
    assert.deepEqual(positions, [null, '1', '2']);
    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
  });

  it('goes before the rest of another tenant’s line', async () => {
    const { cloud, asked, answerNext } = await start();
    const other = cloud.addKey({ tenantId: 'ten_one', id: 'key_flood' });
    const quiet = cloud.addKey({ tenantId: 'ten_quiet', id: 'key_quiet' });
    const as = (secret: string) => ({
      headers: { ...cloud.headers, authorization: `Bearer ${secret}` },
    });
    const calls = [cloud.chat({ user: 'flood' }, as(other))];
    await until(() => asked.length === 1);
    for (let waiting = 1; waiting <= 3; waiting += 1) {
      calls.push(cloud.chat({ user: 'flood' }, as(other)));
      await waits(cloud, waiting);
    }
    calls.push(cloud.chat({ user: 'quiet' }, as(quiet)));
    await waits(cloud, 4);
    for (let served = 1; served <= 5; served += 1) {
      await until(() => asked.length === served);
      answerNext();
    }
    await Promise.all(calls);

    assert.deepEqual(asked, ['flood', 'quiet', 'flood', 'flood', 'flood']);
  });

  it('goes by its class of service, which the answer names', async () => {
    const { cloud, asked, answerNext } = await start();
    const calls = [cloud.chat({ user: 'first', service_tier: 'flex' })];
    await until(() => asked.length === 1);
    for (const [index, tier] of ['flex', 'default', 'priority'].entries()) {
      calls.push(cloud.chat({ user: tier, service_tier: tier }));
      await waits(cloud, index + 1);
    }
    for (let served = 1; served <= 4; served += 1) {
      await until(() => asked.length === served);
      answerNext();
    }
    const responses = await Promise.all(calls);
    const tiers = responses.map(({ headers }) => headers.get('x-flywheel-service-tier'));
    const named = await Promise.all(responses.map((response) => response.json()));

    assert.deepEqual(asked, ['first', 'priority', 'default', 'flex']);
    assert.deepEqual(tiers, ['flex', 'flex', null, 'priority']);
    assert.deepEqual(
      (named as { service_tier: string }[]).map((answer) => answer.service_tier),
      ['flex', 'flex', 'default', 'priority'],
    );
  });

  it('is named by every API in its own words, streamed or not, and by the header that goes before the body', async () => {
    const { cloud, asked, answerNext } = await start();
    const ask = async (path: string, body: object, headers: Record<string, string> = {}) => {
      const before = asked.length;
      const call = fetch(`${cloud.url}${path}`, {
        method: 'POST',
        headers: { ...cloud.headers, ...headers },
        body: JSON.stringify({ model: MODEL, max_tokens: 5, ...body }),
      });
      await until(() => asked.length === before + 1);
      answerNext();
      return (await call).text();
    };
    const messages = [{ role: 'user', content: 'Hi' }];
    const priority = { 'x-flywheel-service-tier': 'priority' };
    const tierIn = (text: string) => /"service_tier":"?(\w+)/.exec(text)?.[1];

    const told = [
      await ask('/v1/messages', { messages, service_tier: 'priority' }),
      await ask('/v1/messages', { messages, service_tier: 'auto', stream: true }),
      await ask('/v1/messages', { messages, stream: true }, priority),
      await ask('/v1/messages', { messages }),
      await ask('/v1/responses', { input: 'Hi', service_tier: 'auto', max_tokens: undefined }),
      await ask('/v1/responses', { input: 'Hi', max_tokens: undefined }, priority),
      await ask('/v1/chat/completions', { messages, service_tier: 'flex', stream: true }),
    ];

    assert.deepEqual(told.map(tierIn), [
      'priority',
      'standard',
      'priority',
      undefined,
      'default',
      'priority',
      'flex',
    ]);
    assert.match(told[1] ?? '', /event: message_start\n.*"usage":\{[^}]*"service_tier":"standard"/);
  });

  it('costs what its class costs, by the version that was pinned', async () => {
    const { cloud, asked, answerNext } = await start({ model: { prices: [PRICE] } });
    cloud.control.availablePico = 10n ** 12n;
    const call = cloud.chat({ service_tier: 'priority', max_tokens: 10 });
    await until(() => asked.length === 1);
    answerNext();
    await (await call).text();

    const [settled] = await cloud.settled();
    assert.deepEqual([settled?.serviceTier, settled?.priceId], ['priority', 'prc_one']);
    await cloud.gateway.stop(1_000);
    // 10 tokens in at 1 and 3 out at 2 yuan per million, twice.
    assert.equal(cloud.control.released[0]?.spentPico, String(32_000_000n));
  });

  it('is refused at once where it would wait longer than it may, and told when to come back', async () => {
    const { cloud, asked, answerNext } = await start();
    const measured = cloud.chat();
    await until(() => asked.length === 1);
    // What is measured is how long a slot is held: so it has to be held a moment.
    const heldFromMs = performance.now();
    await until(() => performance.now() - heldFromMs > 20);
    answerNext();
    await measured;
    const busy = cloud.chat();
    await until(() => asked.length === 2);

    const headers = { ...cloud.headers, 'x-flywheel-queue-timeout-ms': '5' };
    const refused = await cloud.chat({}, { headers });

    assert.equal(refused.status, 429);
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]/);
    assert.match(refused.headers.get('retry-after-ms') ?? '', /^[1-9]/);
    assert.equal(await codeOf(refused), 'queue_wait_too_long');
    answerNext();
    await busy;
    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
  });

  it('may set its own patience, and hears how long it waited when that ends', async () => {
    const { cloud, asked, answerNext } = await start();
    const busy = cloud.chat();
    await until(() => asked.length === 1);

    const headers = { ...cloud.headers, 'x-flywheel-queue-timeout-ms': '30' };
    const refused = await cloud.chat({}, { headers });

    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('x-flywheel-queue-position'), '1');
    assert.equal(await codeOf(refused), 'server_is_overloaded');
    answerNext();
    await busy;
  });

  it('says what is wrong with a tier or a patience that is none', async () => {
    const { cloud } = await start();
    const headers = { ...cloud.headers, 'x-flywheel-queue-timeout-ms': 'long' };
    for (const response of [
      await cloud.chat({ service_tier: 'gold' }),
      await cloud.chat({}, { headers }),
    ]) {
      assert.deepEqual([response.status, await codeOf(response)], [400, 'invalid_value']);
    }
    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
  });
});
