/**
 * Unmodified clients of every wire against a real gateway, before an engine that says what a script
 * says, so that tools are called for sure. Each client is a small program in test/clients that prints
 * what it saw; where there is one for Node and one for Python, both must have seen the same.
 *
 * @needs clients
 * @needs python
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { writeSnippets } from '../console/snippets/snippets.ts';
import { WIRES } from '../console/snippets/wires.ts';
import { MODEL, startCloud } from '../src/gateway/gateway-fixture.ts';
import {
  type ChatBody,
  type Said,
  lastText,
  startScriptedEngine,
  textOf,
} from './scripted-engine.ts';

const CLIENTS = join(import.meta.dirname, 'clients');
const CLIENT_TIMEOUT_MS = 60_000;
const PYTHON = process.env['TEST_PYTHON'] ?? 'python3';
const run = promisify(execFile);

const HELLO = 'Hello there, 你好 👋🏽.';

function script(body: ChatBody): Said {
  const said = lastText(body);
  if (body.messages.at(-1)?.role === 'tool') return { text: `I see ${said}.` };
  if (said.includes('Repeat')) {
    const first = body.messages.find(({ role }) => role === 'user');
    return { text: `You said ${textOf(first?.content)}.` };
  }
  if (body.tools !== undefined) {
    return { reasoning: 'Paris.', call: { name: 'get_weather', arguments: { city: 'Paris' } } };
  }
  return { reasoning: 'They greet me.', text: HELLO };
}

const engine = await startScriptedEngine(script);
const cloud = await startCloud({ engines: [engine.url] });
after(async () => {
  await cloud.stop();
  await engine.stop();
});

async function see(program: string, name: string): Promise<unknown> {
  const { stdout } = await run(program, [join(CLIENTS, name), cloud.url, cloud.secret, MODEL], {
    timeout: CLIENT_TIMEOUT_MS,
    env: { ...process.env, NO_PROXY: '127.0.0.1' },
  });
  return JSON.parse(stdout);
}

for (const [language, program, name] of [
  ['Node', process.execPath, 'anthropic-client.mjs'],
  ['Python', PYTHON, 'anthropic_client.py'],
] as const) {
  describe(`Anthropic's package for ${language}`, () => {
    it('talks, streams, thinks, calls tools, counts and raises its own errors', async () => {
      assert.deepEqual(await see(program, name), {
        plain: { kinds: ['thinking', 'text'], text: HELLO, stop: 'end_turn', usage: [12, 8, 9] },
        stream: { same: true, text: HELLO, kinds: ['thinking', 'text'], usage: [12, 9] },
        call: { name: 'get_weather', input: { city: 'Paris' }, stop: 'tool_use' },
        told: 'I see rain.',
        bearer: 'assistant',
        tokens: 42,
        errors: [
          ['AuthenticationError', 401, 'authentication_error', true],
          ['NotFoundError', 404, 'not_found_error', true],
          ['BadRequestError', 400, 'invalid_request_error', true],
        ],
      });
    });
  });
}

for (const [language, program, name] of [
  ['Node', process.execPath, 'responses-client.mjs'],
  ['Python', PYTHON, 'responses_client.py'],
] as const) {
  describe(`responses of OpenAI's package for ${language}`, () => {
    it('answer, stream, go on from one another, call tools, and are read and deleted', async () => {
      assert.deepEqual(await see(program, name), {
        plain: {
          text: HELLO,
          status: 'completed',
          kinds: ['reasoning', 'message'],
          usage: [20, 8, 9, 2],
        },
        stream: { text: HELLO, same: true, status: 'completed' },
        next: 'You said Hello.',
        call: { name: 'get_weather', arguments: { city: 'Paris' } },
        told: 'I see rain.',
        got: true,
        items: ['Hello'],
        errors: [
          'NotFoundError response_not_found',
          'BadRequestError previous_response_not_found',
          'BadRequestError invalid_value',
        ],
      });
    });
  });
}

describe("Vercel's ai", () => {
  it('runs a tool over chat, responses and messages, whole and streamed', async () => {
    const told = 'I see rain on Paris.';
    const wire = { whole: told, steps: 2, streamed: told, streamedSteps: 2, finish: 'stop' };
    // Of both steps.
    const tokens = { tokens: [40, 18] };
    assert.partialDeepStrictEqual(await see(process.execPath, 'ai-client.mjs'), {
      chat: { ...wire, ...tokens },
      responses: { ...wire, ...tokens },
      messages: { ...wire, ...tokens },
    });
  });
});

describe('LangChain', () => {
  it('talks, streams and calls a tool over chat and over responses', async () => {
    const wire = {
      plain: HELLO,
      streamed: HELLO,
      tokens: 29,
      call: { name: 'get_weather', args: { city: 'Paris' } },
      told: 'I see rain.',
    };
    assert.deepEqual(await see(process.execPath, 'langchain-client.mjs'), {
      chat: wire,
      responses: wire,
    });
  });
});

/** What the playground shows as code is run as it stands; the curl of streams prints their events. */
describe('the code of the playground', () => {
  const messages = [{ role: 'user', content: `It's "Hello"` }];
  const environment = { ...process.env, NO_PROXY: '127.0.0.1', FLYWHEEL_API_KEY: cloud.secret };

  async function print(language: string, code: string): Promise<string> {
    const options = { timeout: CLIENT_TIMEOUT_MS, env: environment };
    if (language === 'curl') return (await run('bash', ['-c', code], options)).stdout;
    if (language === 'python') return (await run(PYTHON, ['-c', code], options)).stdout;
    // Beside the packages that it imports.
    const folder = await mkdtemp(join(CLIENTS, 'snippet-'));
    try {
      const file = join(folder, 'call.mjs');
      await writeFile(file, code);
      return (await run(process.execPath, [file], options)).stdout;
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** From the first event to the end of each API. */
  const STREAM =
    /^(event|data|id):[^]*(\[DONE\]|message_stop|response\.completed|"finish_reason":"stop")/;

  for (const wire of WIRES) {
    it(`runs as it is shown for ${wire}`, async () => {
      const call = { url: cloud.url, model: MODEL, messages, maxTokens: 50 };
      for (const { language, code } of writeSnippets(call, wire)) {
        const printed = await print(language, code);
        if (language !== 'curl') assert.equal(printed.trim(), HELLO, language);
        else assert.match(printed, STREAM, language);
      }
    });
  }
});
