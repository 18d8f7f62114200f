import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AnswerStream, EVENT_BYTES_MAX, type StreamOptions } from './stream.ts';

const OPTIONS: StreamOptions = { model: 'qwen/tiny', wantsUsage: true, deliveredMax: 1_000_000 };

type Result = { text: string; stream: AnswerStream };

function run(chunks: readonly (Buffer | string)[], options: Partial<StreamOptions> = {}): Result {
  const stream = new AnswerStream({ ...OPTIONS, ...options });
  const out: Buffer[] = [];
  for (const chunk of chunks) {
    const bytes = stream.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    if (bytes !== null) out.push(Buffer.from(bytes));
  }
  const last = stream.end();
  if (last !== null) out.push(last);
  return { text: Buffer.concat(out).toString('utf8'), stream };
}

const event = (value: unknown, end = '\n\n'): string => `data: ${JSON.stringify(value)}${end}`;
const DONE = 'data: [DONE]\n\n';

function delta(content: string, extra: object = {}): object {
  return {
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'qwen/tiny',
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
    ...extra,
  };
}

const FINISH = delta('', { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const USAGE = {
  prompt_tokens: 9,
  completion_tokens: 5,
  total_tokens: 14,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};
const USAGE_ALONE = delta('', { choices: [], usage: USAGE });
const BUCKETS = { input: 5, cacheRead: 4, cacheWrite: 0, output: 3, reasoning: 2 };

/** What an engine may write between events and at the ends of lines. */
const answer = fc
  .record({
    words: fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 6 }),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    comment: fc.boolean(),
  })
  .map(({ words, lineEnd, comment }) => {
    const end = lineEnd + lineEnd;
    const events = [...words.map((word) => delta(word)), FINISH, USAGE_ALONE];
    const text = events
      .map((value) => (comment ? `: ping${end}` : '') + event(value, end))
      .join('');
    return { words, bytes: Buffer.from(`${text}data: [DONE]${end}`) };
  });

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

it('names the class of service in each chunk to who asked for one', () => {
  const stream = new AnswerStream({
    model: 'm',
    wantsUsage: false,
    deliveredMax: 100,
    serviceTier: 'flex',
  });
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: 'c', model: 'm', service_tier: null, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const sent = stream.push(
    Buffer.from(`${chunk({ content: 'Hi' })}${chunk({}, 'stop')}data: [DONE]\n\n`),
  );

  const tiers = [...(sent?.toString('utf8').matchAll(/"service_tier":("flex"|null)/g) ?? [])];
  assert.deepEqual(
    tiers.map(([, tier]) => tier),
    ['"flex"', '"flex"'],
  );
  assert.deepEqual([stream.delivered, stream.isDone], [1, true]);
});

describe('an answer stream', () => {
  it('comes out byte for byte, wherever it is cut and however its lines end', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat(), { maxLength: 20 }), ({ words, bytes }, cuts) => {
        const { text, stream } = run(cutAt(bytes, cuts));
        assert.equal(text.trimEnd(), bytes.toString('utf8').trimEnd());
        assert.equal(stream.delivered, words.length);
        assert.deepEqual(stream.counted?.usage, BUCKETS);
        assert.equal(stream.isDone, true);
      }),
    );
  });

  it('survives a cut at every single byte of an emoji and of a CJK character', () => {
    const bytes = Buffer.from(event(delta('模型🦙回答')) + event(FINISH) + DONE);
    for (let at = 0; at <= bytes.length; at += 1) {
      const { text, stream } = run([bytes.subarray(0, at), bytes.subarray(at)]);
      assert.equal(text, bytes.toString('utf8'));
      assert.equal(stream.delivered, 1);
    }
    assert.equal(run([...bytes].map((byte) => Buffer.of(byte))).text, bytes.toString('utf8'));
  });

  it('takes usage out for those who did not ask, and only the usage', () => {
    const chunks = [event(delta('a')), event(FINISH), event(USAGE_ALONE), DONE];

    const { text, stream } = run([chunks.join('')], { wantsUsage: false });

    assert.equal(text, event(delta('a')) + event(FINISH) + DONE);
    assert.deepEqual(stream.counted?.usage, BUCKETS);
  });

  it('moves usage that came beside choices to an event of its own, or away', () => {
    const beside = event(delta('a', { usage: USAGE })) + event(FINISH) + DONE;

    const asked = run([beside]).text.split('\n\n');
    const unasked = run([beside], { wantsUsage: false }).text;

    assert.equal(asked.length, 5);
    assert.deepEqual((JSON.parse(asked[0]?.slice(6) ?? '') as { usage: unknown }).usage, null);
    const last = JSON.parse(asked[2]?.slice(6) ?? '') as { choices: unknown; usage: unknown };
    assert.deepEqual([last.choices, last.usage], [[], USAGE]);
    assert.equal(unasked.includes('usage'), false);
  });

  it('is not misled by an answer that talks of usage, errors and ends', () => {
    const said = '{"usage":{"prompt_tokens":1}} "error": [DONE] "finish_reason":"stop"';
    const text = event(delta(said)) + event(FINISH) + DONE;

    const result = run([text], { wantsUsage: false });

    assert.equal(result.text, text);
    assert.equal(result.stream.counted, null);
    assert.equal(result.stream.fault, null);
  });

  it('says the name that was asked for', () => {
    const other = (value: object): object => ({ ...value, model: 'Qwen3-0.6B-Q8' });
    const text = event(other(delta('模'))) + event(other(FINISH)) + DONE;

    assert.equal(run([text]).text, event(delta('模')) + event(FINISH) + DONE);
  });

  it('adds the end mark after a real end and never after a cut', () => {
    const whole = run([event(delta('a')), event(FINISH)]);
    const cut = run([event(delta('a'))]);
    const half = run([event(delta('a')), 'data: {"id":"half"']);

    assert.equal(whole.text, event(delta('a')) + event(FINISH) + DONE);
    assert.equal(whole.stream.isDone, true);
    assert.equal(cut.text, event(delta('a')));
    assert.equal(cut.stream.isDone, false);
    assert.equal(half.text.includes('half'), false);
    assert.equal(half.stream.isDone, false);
  });

  it('stops at an error and keeps its words away from the caller', () => {
    const { text, stream } = run([
      event(delta('a')),
      event({ error: { message: 'CUDA out of memory on 10.0.0.7:8000' } }),
      DONE,
    ]);

    assert.equal(text, event(delta('a')));
    assert.equal(stream.fault?.kind, 'error');
    assert.equal(stream.isDone, false);
  });

  it('reads data that is spread over several lines, and skips comments', () => {
    const pretty = JSON.stringify(FINISH, null, 1).replaceAll('\n', '\ndata: ');
    const text = `: hello\n\n${event(delta('a'))}data: ${pretty}\n\n${DONE}`;

    const { text: out, stream } = run([text]);

    assert.equal(out, text);
    assert.equal(stream.isDone, true);
  });

  it('counts what carries text and nothing else', () => {
    const reasoning = delta('', {
      choices: [{ index: 0, delta: { reasoning_content: 'hm' }, finish_reason: null }],
    });
    const tool = delta('', {
      choices: [{ index: 0, delta: { tool_calls: [{ index: 0 }] }, finish_reason: null }],
    });
    const role = delta('', {
      choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
    });
    const text = [role, reasoning, tool, delta('"quoted"'), FINISH].map((value) => event(value));

    assert.equal(run([...text, DONE]).stream.delivered, 3);
  });

  it('refuses what is no answer, and events and answers without end', () => {
    assert.equal(run(['data: <html>\n\n']).stream.fault?.kind, 'invalid');
    const endless = run([event(delta('a')), Buffer.alloc(EVENT_BYTES_MAX + 1, 'x')]);
    assert.equal(endless.stream.fault?.kind, 'invalid');
    const runaway = run(
      Array.from({ length: 20 }, () => event(delta('a'))),
      { deliveredMax: 10 },
    );
    assert.equal(runaway.stream.fault?.kind, 'runaway');
  });

  it('takes usage that cannot be for none', () => {
    for (const usage of [
      { prompt_tokens: -1, completion_tokens: 1 },
      { prompt_tokens: 1.5, completion_tokens: 1 },
      { prompt_tokens: 1e30, completion_tokens: 1 },
      { prompt_tokens: '1' },
      'many',
    ]) {
      const { stream } = run([event(delta('a')), event(delta('', { choices: [], usage })), DONE]);
      assert.equal(stream.counted, null);
      assert.equal(stream.isDone, true);
    }
  });
});
