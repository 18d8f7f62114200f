/** Limits from the command line, and what a caller hears of them, against a cloud as a newcomer starts it. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runCli } from '#cli/cli-fixture.ts';
import { createClient } from '#client/client.ts';
import { MODEL, createCloudHome, startCloud, until } from './cloud/cloud.ts';

const started = await startCloud(await createCloudHome());
const cloud = await started.firstRun();
const client = createClient({ url: cloud.url, apiKey: cloud.apiKey });
await until(
  'the model to be ready',
  async () => (await client.deployments.list()).data.some(({ state }) => state === 'ready'),
  started,
);

const environment = { FLYWHEEL_URL: cloud.url, FLYWHEEL_API_KEY: cloud.apiKey };
const flywheel = (...words: string[]) => runCli(words, { environment });

async function chat(): Promise<Readonly<{ status: number; retryAfter: string | null }>> {
  const response = await fetch(`${cloud.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${cloud.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: MODEL,
      max_tokens: 2,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
  });
  await response.text();
  return { status: response.status, retryAfter: response.headers.get('retry-after') };
}

it('a limit is set, listed, felt by its callers, and removed', async () => {
  const project = (await client.me.get()).projects[0]?.id ?? '';

  const none = await flywheel('limits', 'list');
  const set = await flywheel('limits', 'set', 'project', project, '--rpm', '2');
  const listed = await flywheel('limits', 'list', '--json');
  await until('the limit to hold', async () => (await chat()).status === 429, started);
  const refused = await chat();
  const removed = await flywheel('limits', 'remove', 'project', project);
  await until('the limit to be gone', async () => (await chat()).status === 200, started);
  const after = await flywheel('limits', 'list');

  assert.match(none.out + none.notes, /Nothing is limited/);
  assert.deepEqual([set.code, removed.code], [0, 0], set.notes + removed.notes);
  assert.match(listed.out, new RegExp(project));
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.retryAfter) > 0);
  assert.match(after.out + after.notes, /Nothing is limited/);
});
