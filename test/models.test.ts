/**
 * The models that come along: their files are the ones that were measured, they load in the embedded
 * engine, and a short evaluation gives at least what their cards promise for it. Training is not
 * repeated here; `trainer/` does that.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import type { RunningEngine } from '#engine/engine.ts';
import { llamaAdapter } from '#engine/llama/llama.ts';
import { silentLog } from '#platform/log.ts';

const MODELS = join(import.meta.dirname, '..', 'models');
const WEIGHTS = join(MODELS, 'tiny', 'tiny-f16.gguf');
const ADAPTER = join(MODELS, 'tiny-sql', 'tiny-sql-lora.gguf');
/** The longest right answer, a sum with its working, takes under 100. */
const ANSWER_TOKENS = 160;

type ToolCall = Readonly<{ function: { name: string; arguments: string } }>;
type Message = Readonly<{ content: string | null; tool_calls?: readonly ToolCall[] }>;

type Check = Readonly<{
  kind: 'arithmetic' | 'quatrain' | 'question' | 'tool' | 'other';
  messages: readonly unknown[];
  tools: readonly unknown[];
  check: {
    result?: number;
    width?: number;
    keywords?: readonly string[];
    call?: { name: string; arguments: unknown };
  };
}>;

type SqlCheck = Readonly<{ messages: readonly unknown[]; rows: readonly unknown[] }>;

const read = <T>(...path: string[]): T => JSON.parse(readFileSync(join(MODELS, ...path), 'utf8'));

describe('the files of the bundled models', () => {
  for (const model of ['tiny', 'tiny-sql']) {
    it(`${model}: are the ones that were measured`, () => {
      const lines = readFileSync(join(MODELS, model, 'SHA256SUMS'), 'utf8')
        .trim()
        .split('\n');

      for (const [hash, name = ''] of lines.map((line) => line.split(/\s+/))) {
        const bytes = readFileSync(join(MODELS, model, name));
        assert.equal(createHash('sha256').update(bytes).digest('hex'), hash, name);
      }
      assert.ok(lines.length >= 8);
    });
  }
});

describe('flywheel/tiny in the embedded engine', async () => {
  const engine = await startEngine({});
  after(() => engine.stop(0));
  const { checks, minimumRight } = read<{ checks: readonly Check[]; minimumRight: number }>(
    'tiny',
    'check.json',
  );

  it('answers a short evaluation as well as its card says', async () => {
    const right: boolean[] = [];
    for (const { messages, tools, kind, check } of checks) {
      right.push(isRight(kind, check, await ask(engine, { messages, tools })));
    }

    assertShare(right, minimumRight);
  });
});

describe('flywheel/tiny-sql in the embedded engine', async () => {
  const engine = await startEngine({ adapterPath: ADAPTER });
  const shop = await PGlite.create();
  for (const file of ['schema.sql', 'seed.sql']) {
    await shop.exec(readFileSync(join(MODELS, 'tiny-sql', file), 'utf8'));
  }
  after(async () => {
    await engine.stop(0);
    await shop.close();
  });
  const { checks, minimumRight } = read<{ checks: readonly SqlCheck[]; minimumRight: number }>(
    'tiny-sql',
    'check.json',
  );

  it('writes SQL that gives the right rows as often as its card says', async () => {
    const right: boolean[] = [];
    for (const { messages, rows } of checks) {
      const { content } = await ask(engine, { messages, tools: [] });
      const found = await rowsOf(shop, content ?? '');
      right.push(JSON.stringify(found) === JSON.stringify(rows));
    }

    assertShare(right, minimumRight);
  });
});

function startEngine(adapter: { adapterPath?: string }): Promise<RunningEngine> {
  return llamaAdapter.start(
    {
      model: 'tiny',
      weightsPath: WEIGHTS,
      parallel: 1,
      contextLength: 1024,
      threads: 1,
      ...adapter,
    },
    { log: silentLog },
  );
}

async function ask(
  engine: RunningEngine,
  request: { messages: readonly unknown[]; tools: readonly unknown[] },
): Promise<Message> {
  const { messages, tools } = request;
  const body = {
    messages,
    temperature: 0,
    max_tokens: ANSWER_TOKENS,
    ...(tools.length > 0 && { tools }),
  };
  const response = await fetch(`${engine.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${engine.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: engine.info.model, ...body }),
  });
  assert.equal(response.status, 200);
  const { choices } = (await response.json()) as { choices: readonly { message: Message }[] };
  assert(choices[0] !== undefined);
  return choices[0].message;
}

function isRight(kind: Check['kind'], check: Check['check'], message: Message): boolean {
  const content = message.content ?? '';
  if (kind === 'arithmetic') return content.match(/-?\d+/g)?.at(-1) === String(check.result);
  if (kind === 'quatrain') return isQuatrain(content, check.width ?? 0);
  if (kind === 'tool') return isCall(message.tool_calls?.[0], check.call);
  const said = content.toLowerCase();
  return (check.keywords ?? []).every((keyword) => said.includes(keyword.toLowerCase()));
}

/** Four lines of as many characters and a mark. */
function isQuatrain(content: string, width: number): boolean {
  const lines = content.trim().split('\n');
  return lines.length === 4 && lines.every((line) => [...line].length === width + 1);
}

function isCall(call: ToolCall | undefined, wanted: Check['check']['call']): boolean {
  if (call === undefined || call.function.name !== wanted?.name) return false;
  return JSON.stringify(JSON.parse(call.function.arguments)) === JSON.stringify(wanted.arguments);
}

/** Values as text, as the recorded rows have them; null when the statement does not run. */
async function rowsOf(shop: PGlite, statement: string): Promise<unknown[] | null> {
  try {
    const { rows } = await shop.query<unknown[]>(statement, [], {
      rowMode: 'array',
      parsers: { 1082: (text: string) => text },
    });
    return rows.map((row) => row.map(asText));
  } catch {
    return null;
  }
}

function asText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
}

function assertShare(right: readonly boolean[], minimum: number): void {
  const share = right.filter(Boolean).length / right.length;
  assert.ok(share >= minimum, `${Math.round(share * 100)}% right, ${minimum * 100}% promised`);
}
