/**
 * Calls that are answered later, over a restart of the whole cloud. The model is one that sleeps, so that
 * none of them is answered before everything stops.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type Cloud, startCloud, waitFor } from './cloud.ts';

const GENERATION = '/api/v1/services/aigc/text-generation/generation';
const MODEL = 'flywheel/tiny-sql';
const TASKS = 12;
const WAKE_TIMEOUT_MS = 180_000;

const home = mkdtempSync(join(tmpdir(), 'flywheel-tasks-'));
after(() => rmSync(home, { recursive: true, force: true }));

type Said = Readonly<{ output: { task_id: string; task_status: string } }>;

async function ask(cloud: Cloud, path: string, init: RequestInit = {}): Promise<Said | null> {
  const headers = { authorization: `Bearer ${cloud.apiKey}`, 'x-dashscope-async': 'enable' };
  const response = await fetch(cloud.url + path, { ...init, headers });
  // 20 questions a second are answered, and no model is there in the first moments.
  if (response.status !== 200) return null;
  const said: Said = JSON.parse(await response.text());
  return said;
}

async function create(cloud: Cloud): Promise<string> {
  const body = JSON.stringify({
    model: MODEL,
    input: { prompt: 'Hello' },
    parameters: { max_tokens: 8 },
  });
  let id = '';
  await waitFor(`${MODEL} to be listed`, WAKE_TIMEOUT_MS, async () => {
    const said = await ask(cloud, GENERATION, { method: 'POST', body });
    id = said?.output.task_id ?? '';
    return id !== '';
  });
  return id;
}

const statusOf = async (cloud: Cloud, id: string): Promise<string | undefined> =>
  (await ask(cloud, `/api/v1/tasks/${id}`))?.output.task_status;

describe('a task', () => {
  it('that was asked for before a restart of everything is answered after it', async () => {
    const first = await startCloud({ home });
    const ids: string[] = [];
    for (let number = 0; number < TASKS; number += 1) ids.push(await create(first));
    await first.stop();

    const second = await startCloud({ home });
    for (const id of ids) {
      await waitFor(`task ${id}`, WAKE_TIMEOUT_MS, async () => {
        const status = await statusOf(second, id);
        assert.ok(status !== 'FAILED' && status !== 'UNKNOWN', `${id} is ${status}`);
        return status === 'SUCCEEDED';
      });
    }
  });
});
