import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseRequest, upstreamBody } from './request.ts';

const MESSAGES = [{ role: 'user', content: 'Hi' }];
const chat = (fields: object) =>
  parseRequest(
    'chat',
    Buffer.from(JSON.stringify({ model: 'qwen/tiny', messages: MESSAGES, ...fields })),
  );
const sent = (bytes: Buffer): Record<string, unknown> => {
  const fields: Record<string, unknown> = JSON.parse(bytes.toString());
  return fields;
};

describe('the body for the engine', () => {
  it("is the caller's own, to the byte, when nothing is missing", () => {
    const whole = chat({ seed: 1 });
    const asked = chat({ stream: true, stream_options: { include_usage: true } });

    assert.equal(upstreamBody(whole, null), whole.bytes);
    assert.equal(upstreamBody(whole, 'qwen/tiny'), whole.bytes);
    assert.equal(upstreamBody(asked, null), asked.bytes);
  });

  it('asks for usage in front of whatever the caller wrote', () => {
    const fields = fc.dictionary(
      fc.string().filter((name) => !['stream', 'stream_options', 'n', '__proto__'].includes(name)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fields, (extra) => {
        const { max_tokens: _max, max_completion_tokens: _completion, ...rest } = extra;
        const body = { ...rest, model: 'qwen/tiny', messages: MESSAGES, stream: true };
        const text = `\n ${JSON.stringify(body)} `;
        const request = parseRequest('chat', Buffer.from(text));

        const { stream_options: options, ...others } = sent(upstreamBody(request, null));

        assert.deepEqual(options, { include_usage: true });
        assert.deepEqual(others, sent(Buffer.from(text)));
      }),
    );
  });

  it('keeps the other options of the stream', () => {
    const request = chat({ stream: true, stream_options: { chunk_size: 3, include_usage: false } });
    assert.deepEqual(sent(upstreamBody(request, null))['stream_options'], {
      chunk_size: 3,
      include_usage: true,
    });
  });

  it('names the model as the engine does', () => {
    const { model, seed } = sent(upstreamBody(chat({ seed: 7 }), 'Qwen3-0.6B'));
    assert.deepEqual([model, seed], ['Qwen3-0.6B', 7]);
  });
});

describe('what admission learns from a body', () => {
  it('is how long the answer may be, for all choices together', () => {
    assert.equal(chat({}).outputTokensMax, null);
    assert.equal(chat({ max_tokens: 10, n: 3 }).outputTokensMax, 30);
    assert.equal(chat({ max_tokens: 10, max_completion_tokens: 5 }).outputTokensMax, 5);
    const embeddings = Buffer.from('{"model":"e","input":["ab","cde"]}');
    assert.equal(parseRequest('embeddings', embeddings).outputTokensMax, 0);
    assert.equal(parseRequest('embeddings', embeddings).promptCharacters, 5);
  });

  it('counts text in parts and nothing of pictures', () => {
    const content = [
      { type: 'text', text: '12345' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(1000)}` } },
    ];
    assert.equal(chat({ messages: [{ role: 'user', content }] }).promptCharacters, 5);
  });
});
