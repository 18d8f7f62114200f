/**
 * Files and batches with the unmodified `openai` client for Node, against a cloud as a newcomer starts it.
 *
 * @needs clients
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createClient } from '#client/client.ts';
import { runCli } from '#cli/cli-fixture.ts';
import { MODEL, createCloudHome, startCloud, until } from './cloud/cloud.ts';

const CLIENT_TIMEOUT_MS = 180_000;
const run = promisify(execFile);

const started = await startCloud(await createCloudHome());
const cloud = await started.firstRun();
const client = createClient({ url: cloud.url, apiKey: cloud.apiKey });
await until(
  'the model to be ready',
  async () => (await client.deployments.list()).data.some(({ state }) => state === 'ready'),
  started,
);

it('openai for Node uploads, runs, lists and reads batches as it does anywhere', async () => {
  const script = join(import.meta.dirname, 'clients', 'batch-client.mjs');
  const { stdout } = await run(process.execPath, [script, cloud.url, cloud.apiKey, MODEL], {
    timeout: CLIENT_TIMEOUT_MS,
  });
  const answered = (index: number) => ({
    custom_id: `line-${index}`,
    status: 200,
    object: 'chat.completion',
    role: 'assistant',
  });

  assert.deepEqual(JSON.parse(stdout), {
    input: { purpose: 'batch', filename: 'night.jsonl', bytes: true },
    is_listed: true,
    created: 'validating',
    status: 'completed',
    counts: { total: 3, completed: 2, failed: 1 },
    metadata: { night: 'yes' },
    is_batch_listed: true,
    output: [answered(1), answered(2)],
    errors: [{ custom_id: 'line-3', status: 404, code: 'model_not_found' }],
    refused: { status: 'failed', lines: [1] },
    deleted: true,
    gone: 'NotFoundError',
  });
});

it('a batch says what it cost, and its calls are usage like any other', async () => {
  const [batch] = (await client.batches.list()).data.filter(({ status }) => status === 'completed');
  assert.ok(batch !== undefined);
  const settled = async () => (await client.batches.get(batch.id)).cost;
  await until('its cost', async () => (await settled()).is_final);

  const { amount } = await settled();
  assert.ok(Number(amount) > 0, amount);
  const events = (await client.usage.events()).data.filter(({ requestId }) =>
    requestId.startsWith(batch.id),
  );
  assert.equal(events.length, 2);
});

it('lines of the other endpoints are answered as those endpoints answer', async () => {
  const bodies = {
    '/v1/completions': { prompt: 'Hello', max_tokens: 4 },
    '/v1/responses': { input: 'Hello', max_output_tokens: 16 },
    '/v1/embeddings': { input: ['Hello', 'there'] },
  } as const;
  const answers: Record<string, unknown> = {};
  for (const [endpoint, fields] of Object.entries(bodies)) {
    const line = {
      custom_id: 'a',
      method: 'POST',
      url: endpoint,
      body: { model: MODEL, ...fields },
    };
    const content = new Blob([JSON.stringify(line)]);
    const file = await client.files.upload({ content, name: 'one.jsonl', purpose: 'batch' });
    const made = await client.batches.create({
      input_file_id: file.id,
      endpoint: endpoint as keyof typeof bodies,
      completion_window: '24h',
    });
    await until(
      `the batch of ${endpoint}`,
      async () => (await client.batches.get(made.id)).status === 'completed',
      started,
    );
    const { output_file_id: output, error_file_id: errors } = await client.batches.get(made.id);
    const result = await (await client.files.content(output ?? errors ?? '')).text();
    const { response } = JSON.parse(result);
    answers[endpoint] = [response.status_code, response.body.object ?? response.body.error?.code];
  }

  assert.deepEqual(answers, {
    '/v1/completions': [200, 'text_completion'],
    '/v1/responses': [200, 'response'],
    '/v1/embeddings': [200, 'list'],
  });
});

it('the command line runs a file, lists it and writes its answers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-batch-'));
  const path = join(folder, 'night.jsonl');
  const body = { model: MODEL, max_tokens: 4, messages: [{ role: 'user', content: 'Hello' }] };
  const line = { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body };
  await writeFile(path, JSON.stringify(line));
  const environment = { FLYWHEEL_URL: cloud.url, FLYWHEEL_API_KEY: cloud.apiKey };
  const flywheel = (...words: string[]) => runCli(words, { environment });

  const created = await flywheel('batches', 'create', path);
  const [, id = ''] = /(batch_\w+) is completed: 1 answered, 0 failed/.exec(created.notes) ?? [];
  const listed = await flywheel('batches', 'list');
  const results = await flywheel('batches', 'results', id);
  const none = await flywheel('batches', 'results', id, '--errors');
  await writeFile(path, JSON.stringify({ ...line, method: 'GET' }));
  const refused = await flywheel('batches', 'create', path);
  await rm(folder, { recursive: true, force: true });

  assert.equal(created.code, 0, created.notes);
  assert.match(listed.out, new RegExp(`${id} +completed`));
  assert.equal(JSON.parse(results.out).custom_id, 'a');
  assert.match(none.notes, /batch_results_missing/);
  assert.match(refused.notes, /Line 1: method should be POST/);
});
