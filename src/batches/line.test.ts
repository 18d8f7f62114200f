import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type RawLine, splitLines } from './line-splitter.ts';
import { asJsonLine, isLine, outputLine, parseLine } from './line.ts';
import { validateInput } from './validate.ts';

const ENDPOINT = '/v1/chat/completions';

function lineText(customId: string, more: object = {}): string {
  const body = { model: 'acme/tiny', messages: [{ role: 'user', content: '你好' }] };
  return JSON.stringify({ custom_id: customId, method: 'POST', url: ENDPOINT, body, ...more });
}

async function* piecesOf(bytes: Buffer, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

async function split(text: string, step: number, max = 1_000): Promise<RawLine[]> {
  const lines: RawLine[] = [];
  for await (const line of splitLines(piecesOf(Buffer.from(text), step), max)) lines.push(line);
  return lines;
}

describe('lines of a file', () => {
  it('lie where they say they lie, however they arrive', async () => {
    const texts = fc.array(fc.constantFrom('', ' ', '{"a":"é"}', '{}', '\r'), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 7 }), async (lines, step) => {
        const text = lines.join('\n');
        const bytes = Buffer.from(text);
        const found = await split(text, step);
        assert.deepEqual(
          found.map(({ line }) => line),
          lines.flatMap((line, index) => (line.trim() === '' ? [] : [index + 1])),
        );
        for (const { startByte, sizeBytes, bytes: own } of found) {
          assert.deepEqual(bytes.subarray(startByte, startByte + sizeBytes), own);
        }
      }),
    );
  });

  it('are told to be too long without being kept', async () => {
    const found = await split(`{}\n${'x'.repeat(50)}\n{}`, 8, 20);

    assert.deepEqual(
      found.map(({ line, bytes }) => [line, bytes === null]),
      [
        [1, false],
        [2, true],
        [3, false],
      ],
    );
  });
});

describe('a line of a batch', () => {
  it('gives the call it asks for, without a tier of its own', () => {
    const body = { model: 'm', service_tier: 'priority', input: 'x' };
    const parsed = parseLine(Buffer.from(lineText('a', { body })), 1, ENDPOINT);

    assert.deepEqual(parsed, { customId: 'a', model: 'm', body: '{"model":"m","input":"x"}' });
  });

  it('says what is wrong with it and where, and never what is in it', () => {
    const wrong: readonly (readonly [string, string])[] = [
      ['not json, secret', 'invalid_json_line'],
      ['[1]', 'invalid_json_line'],
      [lineText(''), 'missing_required_parameter'],
      [lineText('x'.repeat(513)), 'invalid_custom_id'],
      [lineText('a', { method: 'GET' }), 'invalid_method'],
      [lineText('a', { url: '/v1/embeddings' }), 'mismatched_endpoint'],
      [lineText('a', { body: 'secret' }), 'invalid_request'],
      [lineText('a', { body: { messages: [] } }), 'missing_required_parameter'],
      [lineText('a', { body: { model: 'm', stream: true } }), 'invalid_request'],
    ];
    for (const [text, code] of wrong) {
      const parsed = parseLine(Buffer.from(text), 7, ENDPOINT);
      assert.ok(!isLine(parsed), text);
      assert.deepEqual([parsed.code, parsed.line], [code, 7]);
      assert.ok(!parsed.message.includes('secret'));
    }
  });

  it('comes out as one line of JSON whose answer is what was answered, digit for digit', () => {
    const answer = asJsonLine('{\r\n "x": 1.10,\n "big": 12345678901234567890}');
    const plain = '{"x":1.10,"big":12345678901234567890}';
    assert.equal(asJsonLine(plain), plain);
    const end = { requestId: 'batch_1-2', customId: 'a', status: 200, answer };
    const line = outputLine(end, { code: 'c', message: 'm' });

    assert.equal(line.indexOf('\n'), line.length - 1);
    assert.equal(JSON.parse(line).response.status_code, 200);
    assert.equal(JSON.parse(line).error, null);
  });

  it('comes out as an error where it was never answered', () => {
    const end = { requestId: 'batch_1-2', customId: 'a', status: null, answer: null };
    const unanswered = { code: 'batch_expired', message: 'Too late.' };

    const line = JSON.parse(outputLine(end, unanswered));
    assert.deepEqual([line.response, line.error], [null, unanswered]);
  });
});

describe('an input', () => {
  const validate = (text: string, kept: number[] = []) =>
    validateInput(piecesOf(Buffer.from(text), 100), ENDPOINT, (lines) => {
      kept.push(...lines.map(({ line }) => line));
      return Promise.resolve();
    });

  it('is kept line by line when all of it is right', async () => {
    const kept: number[] = [];
    const result = await validate(`${lineText('a')}\n\n${lineText('b')}\n`, kept);

    assert.deepEqual(result, { kind: 'valid', lines: 2, modelName: 'acme/tiny' });
    assert.deepEqual(kept, [1, 3]);
  });

  it('is refused with every mistake and its line', async () => {
    const result = await validate(`${lineText('a')}\nnope\n${lineText('a')}`);

    assert.ok(result.kind === 'invalid');
    assert.deepEqual(
      result.errors.map(({ code, line }) => [code, line]),
      [
        ['invalid_json_line', 2],
        ['duplicate_custom_id', 3],
      ],
    );
  });

  it('is refused when it is empty', async () => {
    const result = await validate(' \n');
    assert.equal(result.kind === 'invalid' && result.errors[0]?.code, 'empty_file');
  });
});
