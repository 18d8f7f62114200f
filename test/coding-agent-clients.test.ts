/**
 * An unmodified coding agent (OpenAI's Codex CLI, from npm) over `/v1/responses`: it reads a file with a
 * tool of its own because the model asked it to, and tells what was in it. The model is a script, the
 * gateway and the agent are real, and nothing leaves this machine.
 *
 * @needs clients
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { promisify } from 'node:util';
import { MODEL, startCloud } from '../src/gateway/gateway-fixture.ts';
import { type ChatBody, type Said, lastText, startScriptedEngine } from './scripted-engine.ts';

const CODEX = join(import.meta.dirname, 'clients', 'node_modules', '.bin', 'codex');
const AGENT_TIMEOUT_MS = 60_000;
const run = promisify(execFile);

function script(body: ChatBody): Said {
  if (body.messages.at(-1)?.role === 'tool') {
    const found = /the word is \w+/.exec(lastText(body))?.[0] ?? 'nothing';
    return { reasoning: 'There it is.', text: `I read: ${found}.` };
  }
  return {
    reasoning: 'I should look.',
    text: 'Let me read it.',
    call: { name: 'exec_command', arguments: { cmd: 'cat note.txt' } },
  };
}

const engine = await startScriptedEngine(script);
const cloud = await startCloud({ engines: [engine.url], model: { contextLength: 200_000 } });
const folder = await mkdtemp(join(tmpdir(), 'flywheel-agent-'));
after(async () => {
  await cloud.stop();
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
});

it('a coding agent reads a file because the model asked for it, and answers', async () => {
  const [home, work] = [join(folder, 'home'), join(folder, 'work')];
  await mkdir(home);
  await mkdir(work);
  await writeFile(join(work, 'note.txt'), 'the word is marmalade\n');
  const provider = [
    'name="flywheel"',
    `base_url="${cloud.url}/v1"`,
    'env_key="FLYWHEEL_KEY"',
    'wire_api="responses"',
    'request_max_retries=0',
    'stream_max_retries=0',
  ].join(',');
  const { stdout } = await finish(
    run(
      CODEX,
      [
        'exec',
        '--skip-git-repo-check',
        '--dangerously-bypass-approvals-and-sandbox',
        '-C',
        work,
        '-c',
        `model="${MODEL}"`,
        '-c',
        'model_provider="flywheel"',
        '-c',
        `model_providers.flywheel={${provider}}`,
        '-c',
        'analytics.enabled=false',
        'What is the word in note.txt?',
      ],
      {
        timeout: AGENT_TIMEOUT_MS,
        env: { ...process.env, CODEX_HOME: home, FLYWHEEL_KEY: cloud.secret, NO_PROXY: '*' },
      },
    ),
  );

  assert.equal(stdout.trim().split('\n').at(-1), 'I read: the word is marmalade.');
  assert.equal(engine.asked.length, 2);
  const calls = engine.asked[1]?.messages.filter(({ role }) => role === 'tool') ?? [];
  assert.equal(calls.length, 1);
  const settled = await cloud.settled();
  assert.deepEqual(
    settled.map(({ outcome, usage }) => [outcome, usage.output + usage.reasoning]),
    [
      ['finished', 9],
      ['finished', 9],
    ],
  );
});

/** It waits for more on standard input unless that is closed. */
function finish<T extends { child: { stdin: { end: () => void } | null } }>(running: T): T {
  running.child.stdin?.end();
  return running;
}
