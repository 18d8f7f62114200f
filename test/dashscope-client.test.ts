/**
 * The unmodified `dashscope` package against a cloud as a newcomer starts it, pointed here by its own
 * setting for the address.
 *
 * @needs python
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readyModel, startCloud } from './cloud.ts';

const SCRIPT = join(import.meta.dirname, 'clients', 'dashscope_client.py');
const CLIENT_TIMEOUT_MS = 180_000;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const run = promisify(execFile);

type Usage = Readonly<{ input_tokens: number; output_tokens: number; total_tokens: number }>;
type Streamed = Readonly<{
  texts: readonly string[];
  finishes: readonly string[];
  usage: Usage;
  request_ids: readonly string[];
}>;
type Refusal = readonly [status: number, code: string, hasMessage: boolean, hasId: boolean];
type Spoken = Readonly<{ text: string; streamed: string; unknown_model: string }>;

type Seen = Readonly<{
  whole: { text: string; finish: string; usage: Usage; request_id: string };
  text: string;
  incremental: Streamed;
  so_far: Streamed;
  merged: Streamed;
  tools: readonly [name: string, given: { city: unknown }][];
  parts: readonly { text: string }[];
  embeddings: readonly number[];
  embedding_usage: { total_tokens: number };
  wrong_key: Refusal;
  unknown_model: Refusal;
  bad_parameter: Refusal;
  streamed_refusal: Refusal;
  later: {
    created: string;
    done: string;
    text: string;
    usage: Usage;
    listed: boolean;
    cancel_too_late: Refusal;
    unknown: string;
  };
  asyncio: string;
  second: { native: Spoken; openai: Spoken; anthropic: Spoken; wrong_key: string };
}>;

const cloud = await startCloud();
const model = await readyModel(cloud);

describe('dashscope for Python', () => {
  let seen: Seen;

  before(async () => {
    const { stdout } = await run(
      process.env['TEST_PYTHON'] ?? 'python3',
      [SCRIPT, cloud.url, cloud.apiKey, model],
      { timeout: CLIENT_TIMEOUT_MS },
    );
    seen = JSON.parse(stdout);
  });

  it('gets a whole answer, as a message, as a text and as a list of parts', () => {
    assert.ok(['stop', 'length'].includes(seen.whole.finish));
    assert.ok(seen.whole.text.length > 0);
    assert.match(seen.whole.request_id, UUID);
    assertAddsUp(seen.whole.usage);
    assert.equal(seen.text, seen.whole.text);
    assert.deepEqual(seen.parts, [{ text: seen.whole.text }]);
    assert.equal(seen.asyncio, seen.whole.text);
  });

  it('streams increments, or everything so far, with the end and the usage in the last event', () => {
    const { incremental, so_far: growing, merged } = seen;
    assert.equal(incremental.texts.join(''), seen.whole.text);
    assert.equal(growing.texts.at(-1), seen.whole.text);
    assert.equal(merged.texts.at(-1), seen.whole.text);
    for (let at = 1; at < growing.texts.length; at += 1) {
      assert.ok(growing.texts[at]?.startsWith(growing.texts[at - 1] ?? ''));
    }
    for (const { finishes, usage, request_ids: ids } of [incremental, growing, merged]) {
      assert.ok(finishes.slice(0, -1).every((finish) => finish === 'null'));
      assert.equal(finishes.at(-1), seen.whole.finish);
      assert.deepEqual(usage.output_tokens, seen.whole.usage.output_tokens);
      assert.equal(ids.length, 1);
    }
  });

  it('gets a tool call whose arguments fit', () => {
    assert.equal(seen.tools[0]?.[0], 'get_weather');
    assert.equal(typeof seen.tools[0][1].city, 'string');
  });

  it('gets embeddings of one length', () => {
    assert.equal(seen.embeddings.length, 2);
    assert.ok(seen.embeddings[0] === seen.embeddings[1] && (seen.embeddings[0] ?? 0) > 0);
    assert.ok(seen.embedding_usage.total_tokens > 0);
  });

  it('is refused with the codes that it knows, also where it wanted a stream', () => {
    assert.deepEqual(seen.wrong_key, [401, 'InvalidApiKey', true, true]);
    assert.deepEqual(seen.unknown_model, [404, 'ModelNotFound', true, true]);
    assert.deepEqual(seen.bad_parameter, [400, 'InvalidParameter', true, true]);
    assert.deepEqual(seen.streamed_refusal, [404, 'ModelNotFound', true, true]);
  });

  it('asks for an answer later and fetches it', () => {
    const { usage, cancel_too_late: late, ...task } = seen.later;
    assert.deepEqual(task, {
      created: 'PENDING',
      done: 'SUCCEEDED',
      text: seen.whole.text,
      listed: true,
      unknown: 'UNKNOWN',
    });
    assertAddsUp(usage);
    assert.deepEqual(late, [400, 'UnsupportedOperation', true, true]);
  });

  it('speaks all three protocols of its second generation and raises its error classes', () => {
    const { native, openai, anthropic } = seen.second;
    for (const spoken of [native, openai, anthropic]) {
      assert.deepEqual(spoken, {
        text: seen.whole.text,
        streamed: seen.whole.text,
        unknown_model: 'NotFoundError',
      });
    }
    assert.equal(seen.second.wrong_key, 'AuthenticationError');
  });
});

function assertAddsUp(usage: Usage): void {
  assert.ok(usage.input_tokens > 0 && usage.output_tokens > 0);
  assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens);
}
