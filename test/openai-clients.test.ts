/**
 * Unmodified `openai` clients for Node and Python against a cloud as a newcomer starts it. Each is a
 * small program in test/clients that prints what it saw; both must have seen the same.
 *
 * @needs clients
 * @needs python
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readyModel, startCloud } from './cloud.ts';

const CLIENTS = join(import.meta.dirname, 'clients');
const CLIENT_TIMEOUT_MS = 180_000;
const run = promisify(execFile);

type Usage = Readonly<{ prompt_tokens: number; completion_tokens: number; total_tokens: number }>;
type Streamed = Readonly<{ text: string; finish: string; usage: Usage | null }>;

type Seen = Readonly<{
  models: readonly string[];
  plain: { model: string; finish: string; usage: Usage };
  stream: Streamed;
  stream_without_usage: Streamed;
  tools: readonly { name: string; arguments: { city: unknown } }[];
  tools_finish: string;
  schema: { answer: unknown; sure: unknown };
  embeddings: readonly number[];
  wrong_key: string;
  unknown_model: string;
  bad_request: string;
}>;

const cloud = await startCloud();
const model = await readyModel(cloud);

const PROGRAMS = [
  { client: 'Node', program: process.execPath, script: 'openai-client.mjs' },
  {
    client: 'Python',
    program: process.env['TEST_PYTHON'] ?? 'python3',
    script: 'openai_client.py',
  },
] as const;

for (const { client, program, script } of PROGRAMS) {
  describe(`openai for ${client}`, () => {
    let seen: Seen;

    before(async () => {
      const { stdout } = await run(
        program,
        [join(CLIENTS, script), cloud.url, cloud.apiKey, model],
        {
          timeout: CLIENT_TIMEOUT_MS,
        },
      );
      seen = JSON.parse(stdout);
    });

    it('lists the model and gets a whole answer from it, with usage that adds up', () => {
      assert.ok(seen.models.includes(model));
      assert.equal(seen.plain.model, model);
      assert.ok(['stop', 'length'].includes(seen.plain.finish));
      assertAddsUp(seen.plain.usage);
    });

    it('streams, with usage only when it asks for it', () => {
      assert.ok(['stop', 'length'].includes(seen.stream.finish));
      assert.ok(seen.stream.usage !== null);
      assertAddsUp(seen.stream.usage);
      assert.equal(seen.stream_without_usage.usage, null);
      assert.equal(seen.stream_without_usage.text, seen.stream.text);
    });

    it('gets a tool call whose arguments fit', () => {
      assert.equal(seen.tools[0]?.name, 'get_weather');
      assert.equal(typeof seen.tools[0].arguments.city, 'string');
      assert.equal(seen.tools_finish, 'tool_calls');
    });

    it('gets JSON of the schema it asks for', () => {
      assert.equal(Number.isInteger(seen.schema.answer), true);
      assert.equal(typeof seen.schema.sure, 'boolean');
    });

    it('gets embeddings of one length', () => {
      assert.equal(seen.embeddings.length, 2);
      assert.ok(seen.embeddings[0] === seen.embeddings[1] && (seen.embeddings[0] ?? 0) > 0);
    });

    it('raises its own error classes', () => {
      assert.equal(seen.wrong_key, 'AuthenticationError');
      assert.equal(seen.unknown_model, 'NotFoundError');
      assert.equal(seen.bad_request, 'BadRequestError');
    });
  });
}

function assertAddsUp(usage: Usage): void {
  assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
}
