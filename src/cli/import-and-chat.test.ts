import assert from 'node:assert/strict';
import { PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { createClient } from '#client/client.ts';
import { runCli, serveWith } from './cli-fixture.ts';
import { converse } from './conversation.ts';
import type { Context } from './command.ts';
import { createTerminal } from './terminal.ts';

const importOf = (change: Record<string, unknown>) => ({
  id: 'imp_1',
  modelName: 'local/tiny',
  source: '/tmp/tiny.gguf',
  state: 'running',
  stage: 'downloading',
  receivedBytes: 512,
  totalBytes: 1024,
  error: null,
  revisionId: null,
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.000Z',
  ...change,
});

const chunk = (delta: Record<string, unknown>, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`;

const ANSWER = [
  chunk({ reasoning_content: 'Hm.' }),
  chunk({ content: 'Hello' }),
  chunk({ content: ' there' }, 'stop'),
  'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"completion_tokens_details":{"reasoning_tokens":1}}}\n\n',
  'data: [DONE]\n\n',
].join('');

/** Answers chats, and knows the cost of a call only when it is asked a second time. */
async function serveChat(answers: string[] = []): Promise<{ url: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  let lookUps = 0;
  const url = await serveWith(async (request, response) => {
    if (request.url === '/v1/models') return response.end('{"data":[{"id":"a/b"}]}');
    if (request.url?.startsWith('/cloud/v1/usage/events/') === true) {
      lookUps += 1;
      if (lookUps === 1) return response.writeHead(404).end('{"error":{"code":"usage.unknown"}}');
      return response.end('{"amount":"0.000001230000","currency":"CNY"}');
    }
    asked.push(JSON.parse(await text(request)));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });
    return response.end(answers.shift() ?? ANSWER);
  });
  return { url, asked };
}

describe('flywheel model import', () => {
  it('watches until the model is there', async () => {
    const states = [{}, { stage: 'hashing' }, { state: 'succeeded', stage: 'done' }];
    let wish: unknown;
    const url = await serveWith(async (request, response) => {
      if (request.method === 'POST') wish = JSON.parse(await text(request));
      response.end(JSON.stringify(importOf(states.shift() ?? {})));
    });

    const ended = await runCli(['model', 'import', './tiny model.gguf', '--url', url]);

    assert.equal(ended.code, 0);
    assert.match(ended.notes, /downloading\nhashing\n✔ local\/tiny is in the hub/);
    assert.deepEqual(wish, {
      modelName: 'local/tiny-model',
      source: `${process.cwd()}/tiny model.gguf`,
      visibility: 'private',
      license: null,
      message: '',
    });
  });

  it('fails with the reason', async () => {
    const error = { code: 'weights.truncated', message: 'The file ends too early.' };
    const url = await serveWith((_, response) =>
      response.end(JSON.stringify(importOf({ state: 'failed', error }))),
    );

    const ended = await runCli(['model', 'import', 'x.gguf', '--url', url]);

    assert.equal(ended.code, 1);
    assert.match(ended.notes, /The file ends too early\.[^]*weights\.truncated/);
  });

  it('cancels the import on Ctrl-C', async () => {
    const calls: string[] = [];
    const url = await serveWith((request, response) => {
      calls.push(`${request.method} ${request.url}`);
      if (request.method === 'DELETE') response.writeHead(204).end();
      else response.end(JSON.stringify(importOf({})));
    });

    const ended = await runCli(['model', 'import', 'x.gguf', '--url', url], {
      onNotes: (notes, interrupt) => {
        if (notes.includes('downloading')) interrupt();
      },
    });

    assert.equal(ended.code, 130);
    assert.equal(calls.at(-1), 'DELETE /cloud/v1/imports/imp_1');
    assert.match(ended.notes, /Cancelled/);
  });
});

describe('flywheel chat', () => {
  it('puts the answer on standard output, and thoughts and numbers beside it', async () => {
    const { url, asked } = await serveChat();

    const ended = await runCli(['chat', 'hi', 'you', '--seed', '7', '--url', url]);

    assert.deepEqual([ended.code, ended.out], [0, 'Hello there\n']);
    assert.match(ended.notes, /^Hm\.\n\n9 tokens in, 3 out/);
    assert.match(ended.notes, /first token \d+\.\d\d s · 0\.00000123 CNY\n$/);
    assert.deepEqual(asked, [
      {
        model: 'a/b',
        messages: [{ role: 'user', content: 'hi you' }],
        seed: 7,
        stream: true,
        stream_options: { include_usage: true },
      },
    ]);
  });

  it('reads the prompt from a pipe and gives JSON', async () => {
    const { url } = await serveChat();

    const ended = await runCli(['chat', '--json', '--model', 'a/b', '--url', url], {
      input: 'hi\n',
    });

    const { content, reasoning, amount, usage } = JSON.parse(ended.out);
    assert.deepEqual([ended.code, ended.notes], [0, '']);
    assert.deepEqual([content, reasoning, amount], ['Hello there', 'Hm.', '0.000001230000']);
    assert.equal(usage.outputTokens, 2);
  });

  it('fails when the answer breaks off, and keeps what came', async () => {
    const { url } = await serveChat([chunk({ content: 'Hel' })]);

    const ended = await runCli(['chat', 'hi', '--url', url]);

    assert.deepEqual([ended.code, ended.out], [5, 'Hel\n']);
    assert.match(ended.notes, /stream\.cut/);
  });

  it('says what to do when nothing is served', async () => {
    const url = await serveWith((_, response) => response.end('{"data":[]}'));

    const ended = await runCli(['chat', 'hi', '--url', url]);

    assert.equal(ended.code, 2);
    assert.match(ended.notes, /flywheel deployment create/);
  });
});

describe('a conversation', () => {
  it('remembers what was said, forgets on /new, and goes on after a failure', async () => {
    const { url, asked } = await serveChat([
      ANSWER,
      'data: {"error":{"message":"It died.","code":"engine_failed"}}\n\n',
    ]);
    const input = new PassThrough();
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const terminal = createTerminal({ stdin: input, stdout, stderr });
    const client = createClient({ url });
    const context: Context = {
      terminal,
      isJson: false,
      settings: () => assert.fail(),
      connect: async () => client,
      interrupted: () => new AbortController().signal,
    };
    const says = ['one', 'two', 'three', '/new', 'four'];
    onEach(stderr, '› ', () => {
      const next = says.shift();
      if (next === undefined) input.end();
      else input.write(`${next}\n`);
    });

    const code = await converse({
      client,
      context,
      settings: { model: 'a/b' },
      system: [],
      isQuiet: true,
    });

    const spoken = asked.map((request) =>
      (request as { messages: { content: string }[] }).messages.map(({ content }) => content),
    );
    assert.equal(code, 0);
    assert.deepEqual(spoken, [
      ['one'],
      ['one', 'Hello there', 'two'],
      ['one', 'Hello there', 'three'],
      ['four'],
    ]);
  });
});

/** Calls back each time `mark` has come once more. */
function onEach(stream: Readable, mark: string, callback: () => void): void {
  let seen = '';
  let times = 0;
  stream.setEncoding('utf8').on('data', (piece: string) => {
    seen += piece;
    for (; seen.split(mark).length - 1 > times; times += 1) callback();
  });
}
