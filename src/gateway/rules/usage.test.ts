/** The wire rules about what is counted and paid, by their numbers in docs/guides/apis.md. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Handler, PRICE, answerEvents, startEventStream, until } from '../gateway-fixture.ts';
import { type Rig, WIRES, ask, dataOf, readUntil, startRig } from './rules-fixture.ts';

const running: Rig[] = [];
after(async () => {
  for (const rig of running) await rig.stop();
});

async function start(...given: Parameters<typeof startRig>): Promise<Rig> {
  const rig = await startRig(...given);
  running.push(rig);
  return rig;
}

const USAGE = {
  prompt_tokens: 100,
  completion_tokens: 30,
  total_tokens: 130,
  prompt_tokens_details: { cached_tokens: 64 },
  completion_tokens_details: { reasoning_tokens: 10 },
};
const [ROLE = '', FIRST = '', ...REST] = answerEvents(['first', 'second']);

const whole =
  (choice: object, usage: object = USAGE): Handler =>
  (_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ id: 'c', model: 'qwen/tiny', choices: [choice], usage }));
  };
const FINE = { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' };

it('rule 5: each wire counts in its own way, and the bill is the same', async () => {
  const rig = await start([whole(FINE)]);
  const usages: Record<string, unknown> = {};
  for (const wire of WIRES) {
    const { usage } = (await (await ask(rig.cloud, wire)).json()) as { usage: unknown };
    usages[wire] = usage;
  }
  assert.deepEqual(usages, {
    // The cached are part of the prompt, thoughts part of the answer.
    chat: USAGE,
    // Disjoint.
    messages: {
      input_tokens: 36,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 64,
      output_tokens: 30,
    },
    responses: {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 64 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 10 },
      total_tokens: 130,
    },
  });
  for (const { usage } of await rig.cloud.settled()) {
    assert.deepEqual(usage, { input: 36, cacheRead: 64, cacheWrite: 0, output: 20, reasoning: 10 });
  }
});

describe('rule 10: a caller that leaves', () => {
  for (const wire of WIRES) {
    it(`${wire} ends the work of the engine and pays what it got`, async () => {
      const stalling: Handler = (_incoming, outgoing) => {
        startEventStream(outgoing);
        outgoing.write(ROLE + FIRST);
      };
      const rig = await start([stalling], { model: { prices: [PRICE] } });
      rig.cloud.control.availablePico = 10n ** 15n;
      const leaving = new AbortController();
      const response = await ask(rig.cloud, wire, { stream: true }, { signal: leaving.signal });
      await readUntil(response, 'first');
      leaving.abort();
      await until(() => rig.engines[0]?.aborted() === 1);
      await until(() => rig.cloud.gateway.counts().live === 0);
      const [settled] = await rig.cloud.settled();
      assert.deepEqual(
        [settled?.outcome, settled?.status, settled?.usage.output, settled?.usageSource],
        ['cancelled', 499, 1, 'counted'],
      );
    });
  }
});

describe('rule 11: an answer with nothing in it', () => {
  const empty = { role: 'assistant', content: '' };
  for (const finish_reason of [null, 'error']) {
    it(`that ends with ${finish_reason} costs nothing`, async () => {
      const usage = { prompt_tokens: 100, completion_tokens: 0, total_tokens: 100 };
      const rig = await start([whole({ index: 0, message: empty, finish_reason }, usage)]);
      await (await ask(rig.cloud, 'chat')).text();
      const [settled] = await rig.cloud.settled();
      assert.deepEqual([settled?.usage.input, settled?.usage.output], [0, 0]);
    });
  }

  it('costs nothing in a stream either, though the engine counted the prompt', async () => {
    const counted = REST.find((event) => event.includes('"usage"')) ?? '';
    const failed = `${ROLE}${counted.replace('"completion_tokens":2', '"completion_tokens":0')}`;
    const rig = await start([
      (_incoming, outgoing) => {
        startEventStream(outgoing);
        outgoing.end(`${failed}data: {"error":{"message":"out of memory"}}\n\n`);
      },
    ]);
    await (await ask(rig.cloud, 'chat', { stream: true })).text();
    const [settled] = await rig.cloud.settled();
    assert.deepEqual([settled?.outcome, settled?.usage.input], ['failed', 0]);
  });
});

it('counting tokens is answered by the engine and costs nothing', async () => {
  const rig = await start(
    [
      (incoming, outgoing, body) => {
        assert.equal(incoming.url, '/tokenize');
        outgoing.writeHead(200, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify({ count: JSON.parse(body).messages.length * 7 }));
      },
    ],
    { model: { prices: [PRICE] } },
  );
  const messages = [{ role: 'user', content: 'Hi' }];
  const response = await fetch(`${rig.cloud.url}/v1/messages/count_tokens`, {
    method: 'POST',
    headers: rig.cloud.headers,
    body: JSON.stringify({ model: 'qwen/tiny', system: 'Be kind.', messages }),
  });
  assert.deepEqual(await response.json(), { input_tokens: 14 });
  const [settled] = await rig.cloud.settled();
  assert.deepEqual([settled?.outcome, settled?.usage.input], ['finished', 0]);
});

it('counting tokens is a 501 where the engine cannot', async () => {
  const rig = await start([
    (_incoming, outgoing) => {
      outgoing.writeHead(404, { 'content-type': 'application/json' });
      outgoing.end('{"detail":"Not Found"}');
    },
  ]);
  const response = await fetch(`${rig.cloud.url}/v1/messages/count_tokens`, {
    method: 'POST',
    headers: rig.cloud.headers,
    body: JSON.stringify({ model: 'qwen/tiny', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  assert.equal(response.status, 501);
  assert.partialDeepStrictEqual(await response.json(), {
    type: 'error',
    error: { type: 'api_error', message: 'The engine of this model cannot count tokens.' },
  });
});

it('a stream of messages tells its prompt at once where the engine did', async () => {
  const rig = await start([
    (_incoming, outgoing) => {
      outgoing.setHeader('x-flywheel-prompt-tokens', '10');
      outgoing.setHeader('x-flywheel-cached-tokens', '4');
      startEventStream(outgoing);
      outgoing.end([ROLE, FIRST, ...REST].join(''));
    },
  ]);
  const [started] = dataOf(await (await ask(rig.cloud, 'messages', { stream: true })).text());
  assert.partialDeepStrictEqual(started, {
    type: 'message_start',
    message: { usage: { input_tokens: 6, cache_read_input_tokens: 4 } },
  });
});

it('a stream of messages tells at its end what the engine told', async () => {
  const rig = await start([
    (_incoming, outgoing) => {
      startEventStream(outgoing);
      outgoing.end([ROLE, FIRST, ...REST].join(''));
    },
  ]);
  const all = dataOf(await (await ask(rig.cloud, 'messages', { stream: true })).text());
  assert.partialDeepStrictEqual(all.at(-2), {
    type: 'message_delta',
    usage: { input_tokens: 6, cache_read_input_tokens: 4, output_tokens: 2 },
  });
});
