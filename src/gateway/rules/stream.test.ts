/** The wire rules about streams, by their numbers in docs/guides/apis.md. */
import assert from 'node:assert/strict';
import { Agent, request as httpRequest } from 'node:http';
import { after, describe, it } from 'node:test';
import {
  type Handler,
  MODEL,
  answerEvents,
  answering,
  startEventStream,
} from '../gateway-fixture.ts';
import { EncodedStream } from '../wire/encoded-stream.ts';
import { MessageStream } from '../wire/anthropic/stream.ts';
import { AnswerStream } from '../wire/openai/stream.ts';
import {
  END_MARK,
  type Rig,
  WIRES,
  type WireName,
  ask,
  dataOf,
  readUntil,
  startRig,
  thoughtsOf,
  wordsOf,
} from './rules-fixture.ts';

const running: Rig[] = [];
after(async () => {
  for (const rig of running) await rig.stop();
});

async function start(...given: Parameters<typeof startRig>): Promise<Rig> {
  const rig = await startRig(...given);
  running.push(rig);
  return rig;
}

const streaming =
  (text: string): Handler =>
  (_incoming, outgoing) => {
    startEventStream(outgoing);
    outgoing.end(text);
  };

async function texts(rig: Rig, fields: object = {}): Promise<[WireName, string][]> {
  return Promise.all(
    WIRES.map(async (wire): Promise<[WireName, string]> => {
      const response = await ask(rig.cloud, wire, { stream: true, ...fields });
      return [wire, await response.text()];
    }),
  );
}

const WORDS = ['你好', ' ', '👋🏽', ' there'];
const EVENTS = answerEvents(WORDS);
const [ROLE = '', FIRST = ''] = EVENTS;

describe('rule 1: events are read as their specification says', () => {
  for (const [name, lineEnd] of [
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    it(`with lines that end in ${name}, comments, no space, and data over several lines`, async () => {
      const odd = EVENTS.map((event, index) => {
        const data = event.slice('data: '.length).trimEnd();
        // A line may end wherever JSON may hold white space.
        const lines = index === 2 ? data.replace('{', '{\n').split('\n') : [data];
        return `: comment\nevent: chunk\n${lines.map((line) => `data:${line}`).join('\n')}\n\n`;
      });
      const rig = await start([streaming(odd.join('').replaceAll('\n', lineEnd))]);
      for (const [wire, text] of await texts(rig)) {
        assert.equal(wordsOf(wire, text), WORDS.join(''), wire);
        assert.match(text, END_MARK[wire]);
      }
    });
  }
});

it('rule 2: a character cut at any byte is whole on every wire', async () => {
  const bytes = Buffer.from(EVENTS.join(''));
  const options = { model: MODEL, wantsUsage: true, deliveredMax: 100 };
  const make = {
    chat: () => new AnswerStream(options),
    messages: () => {
      const encoder = new MessageStream({ requestId: 'req_1', model: MODEL });
      return new EncodedStream({ ...options, encoder, upstream: null });
    },
  };
  for (const wire of ['chat', 'messages'] as const) {
    for (let at = 0; at <= bytes.length; at += 1) {
      const stream = make[wire]();
      const out = [bytes.subarray(0, at), bytes.subarray(at)].map((part) => stream.push(part));
      const text = Buffer.concat(out.filter((part) => part !== null)).toString('utf8');
      assert.equal(wordsOf(wire, text), WORDS.join(''));
    }
  }
});

it('rule 3: where nothing has to be changed the bytes of the engine arrive as they are', async () => {
  const odd = EVENTS.map(
    (event, index) => `id: ${index}\nretry:  10\n${event.replace('{', '{  ')}`,
  );
  const rig = await start([streaming(odd.join(''))]);
  const fields = { stream: true, stream_options: { include_usage: true } };
  assert.equal(await (await ask(rig.cloud, 'chat', fields)).text(), odd.join(''));
});

describe('rule 4: usage', () => {
  type Chunk = { choices: unknown[]; usage?: object | null };
  const withUsage = { stream_options: { include_usage: true } };
  const inline = EVENTS.slice(0, -2)
    .join('')
    .replace(
      /"model"/g,
      '"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14},"model"',
    );

  for (const [name, engine] of [
    ['at the end', EVENTS.join('')],
    ['beside the words of every chunk', `${inline}data: [DONE]\n\n`],
  ] as const) {
    it(`that an engine tells ${name} comes once, alone and last, to those who ask, and not to others`, async () => {
      const rig = await start([streaming(engine)]);
      const asked = dataOf(
        await (await ask(rig.cloud, 'chat', { stream: true, ...withUsage })).text(),
      ) as unknown as Chunk[];
      const unasked = dataOf(
        await (await ask(rig.cloud, 'chat', { stream: true })).text(),
      ) as unknown as Chunk[];

      const told = asked.filter(({ usage }) => usage !== undefined && usage !== null);
      assert.deepEqual([told.length, told[0]?.choices, asked.at(-1)], [1, [], told[0]]);
      assert.ok(unasked.every(({ usage, choices }) => !usage && choices.length > 0));
      for (const body of rig.engines[0]?.bodies ?? []) {
        assert.match(body, /"include_usage":true/);
      }
    });
  }
});

describe('rule 6: the end of a stream', () => {
  it('is marked after a real end only, on every wire', async () => {
    const whole = await start([streaming(EVENTS.join(''))]);
    for (const [wire, text] of await texts(whole)) assert.match(text, END_MARK[wire]);
    const cut = await start([streaming(EVENTS.slice(0, 3).join(''))]);
    for (const [wire, text] of await texts(cut)) assert.doesNotMatch(text, END_MARK[wire]);
  });

  it('is where the engine says so, though it leaves the connection open', async () => {
    const rig = await start([
      (_incoming, outgoing) => {
        startEventStream(outgoing);
        outgoing.write(EVENTS.join(''));
      },
    ]);
    for (const [wire, text] of await texts(rig)) assert.match(text, END_MARK[wire]);
  });
});

const breaking: Handler = (_incoming, outgoing) => {
  startEventStream(outgoing);
  outgoing.write(
    `${ROLE}${FIRST}data: {"error":{"message":"died on http://10.1.2.3:8000/v1"}}\n\n`,
  );
};

it('rule 7: a failure after 200 is said in the stream, and no end after it', async () => {
  const rig = await start([breaking]);
  const failures: Readonly<Record<WireName, RegExp>> = {
    chat: /^data: \{"error":\{"message":"[^"]+","type":"server_error","param":null,"code":"upstream_failed"\}\}\n\n$/m,
    messages: /event: error\ndata: \{"type":"error","error":\{"type":"api_error",/,
    responses: /event: response\.failed\ndata: \{"type":"response\.failed","sequence_number":\d+,/,
  };
  for (const [wire, text] of await texts(rig)) {
    assert.match(text, failures[wire]);
    assert.doesNotMatch(text, END_MARK[wire]);
    assert.doesNotMatch(text, /10\.1\.2\.3|8000/);
    assert.equal(wordsOf(wire, text), WORDS[0]);
  }
});

it('rule 8: after an error in the stream the connection serves the next request', async () => {
  const rig = await start([breaking]);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  const once = async (): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const url = `${rig.cloud.url}/v1/chat/completions`;
    const call = httpRequest(
      url,
      { agent, method: 'POST', headers: rig.cloud.headers },
      (answer) => {
        ports.add(answer.socket.localPort);
        answer.resume().on('end', resolve).on('error', reject);
      },
    );
    const messages = [{ role: 'user', content: 'Hi' }];
    call.on('error', reject).end(JSON.stringify({ model: MODEL, stream: true, messages }));
    await promise;
  };
  await once();
  await once();
  agent.destroy();
  assert.equal(ports.size, 1);
});

describe('rule 9: a silent engine', () => {
  const signs: Readonly<Record<WireName, string>> = {
    chat: ': keep-alive\n\n',
    messages: 'event: ping\n',
    responses: 'event: response.in_progress\n',
  };
  for (const wire of WIRES) {
    it(`is covered by a sign of life before the first token, on ${wire}`, async () => {
      const rig = await start([() => {}], { timeouts: { keepAliveMs: 1 } });
      const leaving = new AbortController();
      const response = await ask(rig.cloud, wire, { stream: true }, { signal: leaving.signal });
      await readUntil(response, signs[wire]);
      leaving.abort();
    });
  }
});

it('rule 12: two calls that an engine mixes up arrive as two', async () => {
  const call = (id: string | null, name: string | null, given: string): string =>
    `data: ${JSON.stringify({
      id: 'c',
      model: MODEL,
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: given } }],
          },
        },
      ],
    })}\n\n`;
  const mixed = [call('a', 'f', '{"x":'), call(null, null, '1}'), call('b', 'g', '{"y":2}')];
  const rig = await start([streaming([...mixed, ...EVENTS.slice(-3)].join(''))]);
  const [chat = ''] = (await texts(rig)).map(([, text]) => text);
  const collected: string[] = [];
  for (const data of dataOf(chat)) {
    const { choices } = data as {
      choices: {
        delta: { tool_calls?: { index: number; function: { name?: string; arguments: string } }[] };
      }[];
    };
    for (const { index, function: called } of choices[0]?.delta.tool_calls ?? []) {
      collected[index] = `${collected[index] ?? ''}${called.name ?? ''}${called.arguments}`;
    }
  }
  assert.deepEqual(collected, ['f{"x":1}', 'g{"y":2}']);
});

describe('rule 21: thoughts', () => {
  for (const [name, thought] of [
    ['reasoning_content', { reasoning_content: 'Hm' }],
    ['reasoning', { reasoning: 'Hm' }],
    ['reasoning_details', { reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] }],
  ] as const) {
    it(`that an engine calls ${name} come before the words`, async () => {
      const thinking = FIRST.replace(
        JSON.stringify({ content: WORDS[0] }),
        JSON.stringify(thought),
      );
      const rig = await start([streaming([ROLE, thinking, ...EVENTS.slice(1)].join(''))]);
      for (const [wire, text] of await texts(rig)) {
        assert.equal(wordsOf(wire, text), WORDS.join(''));
        // To OpenAI's callers the engine's own bytes go, under the engine's own name.
        if (wire !== 'chat') assert.equal(thoughtsOf(wire, text), 'Hm');
        assert.ok(text.indexOf('Hm') < text.indexOf(WORDS[0] ?? ''));
      }
    });
  }
});

describe('rule 24: an engine that falls silent', () => {
  const timeouts = { firstByteMs: 5_000, idleMs: 200 };
  const silent =
    (said: string): Handler =>
    (_incoming, outgoing) => {
      startEventStream(outgoing);
      outgoing.write(said === '' ? ': hello\n\n' : said);
    };

  it('before it said anything is left for another', async () => {
    const rig = await start([silent(''), answering(['fine'])], { timeouts });
    for (const wire of ['messages', 'responses'] as const) {
      const text = await (await ask(rig.cloud, wire, { stream: true })).text();
      assert.equal(wordsOf(wire, text), 'fine');
    }
  });

  it('after its first words ends in an error', async () => {
    const rig = await start([silent(ROLE + FIRST)], { timeouts });
    for (const [wire, text] of await texts(rig)) {
      assert.equal(wordsOf(wire, text), WORDS[0]);
      assert.match(text, /did not answer in time/);
      assert.doesNotMatch(text, END_MARK[wire]);
    }
  });
});
