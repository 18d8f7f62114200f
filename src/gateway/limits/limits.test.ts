/** What callers see of limits, through real sockets. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type Cloud,
  MODEL,
  PRICE,
  TENANT,
  answering,
  startCloud,
  startEventStream,
  startScripted,
  until,
} from '../gateway-fixture.ts';

const engine = await startScripted(answering(['one ', 'two ', 'three ']));
after(() => engine.stop());

const NOTHING_LEFT = { live: 0, slots: 0, waiting: 0, holds: 0 };

type Options = NonNullable<Parameters<typeof startCloud>[0]>;

async function withCloud(options: Options, use: (cloud: Cloud) => Promise<void>): Promise<void> {
  const cloud = await startCloud({ engines: [engine.url], replica: { parallel: 400 }, ...options });
  try {
    await use(cloud);
    await until(() => cloud.gateway.counts().live === 0);
    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
  } finally {
    await cloud.stop();
  }
}

/** In force from now on, as when the feed has brought the change. */
function limit(cloud: Cloud, ...set: Parameters<Cloud['control']['limits']['set']>): void {
  cloud.control.limits.set(...set);
  cloud.change({
    limitChanges: [{ tenantId: TENANT, version: cloud.control.limits.version }],
  });
}

async function read(response: Response) {
  const body: { error: { code: string; type: string; message: string } } = JSON.parse(
    await response.text(),
  );
  return body.error ?? { code: '', type: '', message: '' };
}

async function statuses(cloud: Cloud, count: number, body: object = {}): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: count }, () => cloud.chat(body)));
  await Promise.all(answers.map((answer) => answer.text()));
  return answers.map(({ status }) => status);
}

describe('a limit on calls', () => {
  it('lets 200 at the same time through up to the limit and tells the others when to come back', async () => {
    await withCloud({}, async (cloud) => {
      limit(cloud, { requests_per_minute: 50 });

      const all = await statuses(cloud, 200);

      assert.equal(all.filter((status) => status === 200).length, 50);
      assert.equal(all.filter((status) => status === 429).length, 150);
      const refused = await cloud.chat();
      assert.equal(refused.status, 429);
      assert.ok(Number(refused.headers.get('retry-after')) >= 30);
      assert.ok(Number(refused.headers.get('retry-after-ms')) >= 30_000);
      const { code, message } = await read(refused);
      assert.equal(code, 'rate_limit_exceeded');
      assert.match(message, /this account has 50 requests a minute/);
    });
  });

  it('over three gateways lets no more through', async () => {
    await withCloud({}, async (first) => {
      const others = [];
      for (const gatewayId of ['gtw_two', 'gtw_three']) {
        others.push(
          await startCloud({
            engines: [engine.url],
            replica: { parallel: 400 },
            control: first.control,
            gatewayId,
          }),
        );
      }
      limit(first, { requests_per_minute: 50, tokens_per_minute: 100_000 });

      const all = await Promise.all([first, ...others].map((cloud) => statuses(cloud, 67)));

      const admitted = all.flat().filter((status) => status === 200).length;
      assert.ok(admitted <= 50 && admitted >= 44, String(admitted));
      for (const cloud of others) await cloud.stop();
    });
  });

  it('is told truly in headers, on success and on failure, and not at all where there is none', async () => {
    await withCloud({}, async (cloud) => {
      const free = await cloud.chat();
      assert.equal(free.headers.get('x-ratelimit-limit-requests'), null);
      await free.text();
      limit(cloud, { requests_per_minute: 2, tokens_per_minute: 5_000 });

      const [first, second, third] = [await cloud.chat(), await cloud.chat(), await cloud.chat()];

      assert.equal(first.headers.get('x-ratelimit-limit-requests'), '2');
      assert.equal(first.headers.get('x-ratelimit-remaining-requests'), '1');
      assert.equal(second.headers.get('x-ratelimit-remaining-requests'), '0');
      assert.equal(third.status, 429);
      assert.equal(third.headers.get('x-ratelimit-remaining-requests'), '0');
      assert.match(third.headers.get('x-ratelimit-reset-requests') ?? '', /^\d+m?\d*/);
      assert.equal(third.headers.get('x-ratelimit-limit-tokens'), '5000');
      // Thirteen each, as the engine counted, and not what was reserved.
      assert.equal(third.headers.get('x-ratelimit-remaining-tokens'), String(5_000 - 2 * 13));
      for (const answer of [first, second, third]) await answer.text();
    });
  });

  it('speaks the names of the dialect', async () => {
    await withCloud({}, async (cloud) => {
      limit(cloud, { requests_per_minute: 1 });
      const ask = () =>
        fetch(`${cloud.url}/v1/messages`, {
          method: 'POST',
          headers: cloud.headers,
          body: JSON.stringify({
            model: MODEL,
            max_tokens: 10,
            messages: [{ role: 'user', content: 'Hi' }],
          }),
        });

      const first = await ask();
      const second = await ask();

      assert.equal(first.headers.get('anthropic-ratelimit-requests-limit'), '1');
      assert.equal(second.status, 429);
      assert.equal(second.headers.get('anthropic-ratelimit-requests-remaining'), '0');
      assert.equal((await read(second)).type, 'rate_limit_error');
      await first.text();
    });
  });

  it('is in force with the next feed, up and down and gone', async () => {
    await withCloud({}, async (cloud) => {
      limit(cloud, { requests_per_minute: 1 });
      assert.deepEqual(
        (await statuses(cloud, 3)).toSorted((a, b) => a - b),
        [200, 429, 429],
      );
      limit(cloud, { requests_per_minute: 4 });
      assert.deepEqual(
        (await statuses(cloud, 4)).toSorted((a, b) => a - b),
        [200, 200, 200, 429],
      );
      limit(cloud, { requests_per_minute: 2 });
      assert.deepEqual(await statuses(cloud, 1), [429]);
      limit(cloud, {});
      assert.deepEqual(await statuses(cloud, 3), [200, 200, 200]);
    });
  });
});

describe('a limit on tokens', () => {
  it('reserves, settles with what was counted, and names itself', async () => {
    await withCloud({}, async (cloud) => {
      limit(cloud, { tokens_per_minute: 1_000 });

      const all = await statuses(cloud, 200, { max_tokens: 200 });
      const admitted = all.filter((status) => status === 200).length;

      // 13 tokens each, and at most one request over.
      assert.ok(admitted >= 3 && admitted * 13 <= 1_013, String(admitted));
      const large = await cloud.chat({ max_tokens: 990 });
      assert.equal(large.status, 429);
      const { code, type, message } = await read(large);
      assert.equal(code, 'rate_limit_exceeded');
      assert.equal(type, 'tokens');
      assert.match(message, /1000 tokens a minute/);
    });
  });

  it('learns how long answers are where callers do not say', async () => {
    await withCloud({}, async (cloud) => {
      limit(cloud, { tokens_per_minute: 8_000 });
      for (let call = 0; call < 5; call += 1) assert.deepEqual(await statuses(cloud, 1), [200]);

      const remaining = Number((await cloud.chat()).headers.get('x-ratelimit-remaining-tokens'));

      assert.ok(remaining > 6_000, String(remaining));
    });
  });
});

describe('a limit on requests at the same time', () => {
  it('holds while streams are open and is free when their callers leave', async () => {
    const quiet = await startScripted((_incoming, outgoing) => startEventStream(outgoing));
    await withCloud({ engines: [quiet.url] }, async (cloud) => {
      limit(cloud, { concurrency: 3 });
      const leaving = new AbortController();
      const open = Array.from({ length: 3 }, () =>
        cloud.chat({ stream: true }, { signal: leaving.signal }).catch(() => null),
      );
      await until(() => quiet.bodies.length === 3);

      const fourth = await cloud.chat({ stream: true });
      assert.equal(fourth.status, 429);
      assert.match((await read(fourth)).message, /3 requests at the same time/);
      leaving.abort();
      await Promise.all(open);
      await until(() => cloud.gateway.counts().holds === 0);
    });
    await quiet.stop();
  });
});

describe('a caller that would rather wait', () => {
  for (const header of [
    'x-flywheel-wait-time',
    'X-DashScope-Wait-Timeout',
    'x-dashscope-wait-time',
  ]) {
    it(`is let in when there is room again: ${header}`, async () => {
      await withCloud({}, async (cloud) => {
        limit(cloud, { requests_per_second: 2 });
        const headers = { ...cloud.headers, [header]: '30' };

        const answers = await Promise.all(
          Array.from({ length: 5 }, () => cloud.chat({}, { headers })),
        );

        assert.deepEqual(
          answers.map(({ status }) => status),
          [200, 200, 200, 200, 200],
        );
        for (const answer of answers) await answer.text();
      });
    });
  }

  it('is refused at once without the header, and told that it was the pace', async () => {
    await withCloud({}, async (cloud) => {
      limit(cloud, { requests_per_second: 1 });
      const [first, second] = await Promise.all([cloud.chat(), cloud.chat()]);

      const refused = first.status === 429 ? first : second;
      assert.equal((await read(refused)).code, 'slow_down');
      assert.equal(refused.headers.get('retry-after'), '2');
      await (refused === first ? second : first).text();
    });
  });

  it('is refused when its time is over', async () => {
    await withCloud({}, async (cloud) => {
      limit(cloud, { requests_per_minute: 1 });
      const headers = { ...cloud.headers, 'x-flywheel-wait-time': '0.05' };
      await (await cloud.chat({}, { headers })).text();

      const refused = await cloud.chat({}, { headers });

      assert.equal(refused.status, 429);
      assert.ok(Number(refused.headers.get('retry-after')) >= 1);
      await refused.text();
    });
  });

  it('leaves the line when it leaves', async () => {
    await withCloud({}, async (cloud) => {
      limit(cloud, { requests_per_minute: 1 });
      await (await cloud.chat()).text();
      const leaving = new AbortController();
      const headers = { ...cloud.headers, 'x-flywheel-wait-time': '60' };
      const waiting = Array.from({ length: 20 }, () =>
        cloud.chat({}, { headers, signal: leaving.signal }).catch(() => null),
      );
      await until(() => cloud.gateway.counts().live === 20);

      leaving.abort();
      await Promise.all(waiting);

      await until(() => cloud.gateway.counts().live === 0);
    });
  });

  it('is told when the header is no number', async () => {
    await withCloud({}, async (cloud) => {
      limit(cloud, { requests_per_minute: 1 });
      const headers = { ...cloud.headers, 'x-flywheel-wait-time': 'soon' };
      const answer = await cloud.chat({}, { headers });
      assert.equal(answer.status, 400);
      assert.equal((await read(answer)).code, 'invalid_value');
    });
  });
});

describe('a budget', () => {
  it('holds the worst case, settles what it was, and says when it begins anew', async () => {
    await withCloud({ model: { prices: [PRICE] } }, async (cloud) => {
      cloud.control.availablePico = 10n ** 15n;
      // Room for the worst case of two, some 8 million pico each.
      limit(cloud, { daily_budget: 600_000_000 });
      const all = await statuses(cloud, 20, { max_tokens: 100 });
      const admitted = all.filter((status) => status === 200).length;
      assert.ok(admitted >= 1 && admitted < 20, String(admitted));

      const refused = await cloud.chat({ max_tokens: 2_000 });

      assert.equal(refused.status, 402);
      const { code, message } = await read(refused);
      assert.equal(code, 'insufficient_quota');
      assert.match(message, /a budget of 0\.0006 a day. It begins anew in/);
    });
  });

  it('that is refused gives its place in the other limits back', async () => {
    await withCloud({ model: { prices: [PRICE] } }, async (cloud) => {
      limit(cloud, { requests_per_minute: 5, concurrency: 5 });
      for (let call = 0; call < 10; call += 1) {
        const refused = await cloud.chat();
        assert.equal(refused.status, 402);
        await refused.text();
      }
      cloud.control.availablePico = 10n ** 15n;
      await until(async () => (await statuses(cloud, 1))[0] === 200);
    });
  });
});

describe('what a key may do', () => {
  it('depends on where it is called from', async () => {
    await withCloud({}, async (cloud) => {
      limit(cloud, {}, { networks: ['10.0.0.0/8', '2001:db8::/32'] });
      const refused = await cloud.chat();
      assert.equal(refused.status, 403);
      const { code, message } = await read(refused);
      assert.equal(code, 'address_not_allowed');
      assert.match(message, /127\.0\.0\.1/);
      limit(cloud, {}, { networks: ['127.0.0.0/8'] });
      assert.deepEqual(await statuses(cloud, 1), [200]);
    });
  });

  it('depends on it for files and batches too, which control keeps', async () => {
    await withCloud({}, async (cloud) => {
      const fetchAt = (path: string) => fetch(cloud.url + path, { headers: cloud.headers });
      limit(cloud, {}, { networks: ['10.0.0.0/8'] });
      for (const path of [
        '/v1/files',
        '/v1/batches/batch_1',
        '/compatible-mode/v1//files?limit=1',
      ]) {
        const refused = await fetchAt(path);
        assert.equal(refused.status, 403, path);
        assert.equal((await read(refused)).code, 'address_not_allowed');
      }
      limit(cloud, {}, { networks: ['127.0.0.0/8'] });
      const passed = await fetchAt('/v1/files');
      await passed.text();
      assert.notEqual(passed.status, 403);
    });
  });

  it('believes x-forwarded-for of nobody, unless that proxy is trusted', async () => {
    const networks = ['10.0.0.0/8'];
    const headersOf = (cloud: Cloud) => ({ ...cloud.headers, 'x-forwarded-for': '10.0.0.9' });
    await withCloud({}, async (cloud) => {
      limit(cloud, {}, { networks });
      const answer = await cloud.chat({}, { headers: headersOf(cloud) });
      assert.equal(answer.status, 403);
      await answer.text();
    });
    await withCloud({ trustedProxies: ['127.0.0.1'] }, async (cloud) => {
      limit(cloud, {}, { networks });
      const answer = await cloud.chat({}, { headers: headersOf(cloud) });
      assert.equal(answer.status, 200);
      await answer.text();
    });
  });

  it('is to call some models and regions and no others', async () => {
    await withCloud({}, async (cloud) => {
      for (const [more, code] of [
        [{ models: ['other/model'] }, 'model_not_allowed'],
        [{ regions: ['moon'] }, 'region_not_allowed'],
      ] as const) {
        limit(cloud, {}, more);
        const refused = await cloud.chat();
        assert.equal(refused.status, 403);
        assert.equal((await read(refused)).code, code);
      }
      limit(cloud, {}, { models: [MODEL], regions: ['local'] });
      assert.deepEqual(await statuses(cloud, 1), [200]);
    });
  });

  it('is to see in the list what it may call', async () => {
    await withCloud({}, async (cloud) => {
      const list = async (): Promise<string[]> => {
        const answer = await fetch(`${cloud.url}/v1/models`, { headers: cloud.headers });
        const { data }: { data: { id: string }[] } = JSON.parse(await answer.text());
        return data.map(({ id }) => id);
      };
      limit(cloud, {}, { models: [MODEL, 'other/model'] });
      assert.deepEqual(await list(), [MODEL]);
      limit(cloud, {}, { models: ['other/model'] });
      assert.deepEqual(await list(), []);
    });
  });

  it('is served by no replica outside its regions', async () => {
    const far = await startScripted(answering(['far']));
    await withCloud({}, async (cloud) => {
      const feed = { region: 'far', id: 'rep_far', url: far.url };
      const [near] = cloud.replicas();
      assert.ok(near !== undefined);
      cloud.change({ replicas: [near, { ...near, ...feed }] });
      limit(cloud, {}, { regions: ['local'] });
      assert.ok((await statuses(cloud, 30)).every((status) => status === 200));
      assert.equal(far.bodies.length, 0);
      limit(cloud, {}, { regions: ['far'] });
      assert.ok((await statuses(cloud, 5)).every((status) => status === 200));
      assert.equal(far.bodies.length, 5);
    });
    await far.stop();
  });
});
