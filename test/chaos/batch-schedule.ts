/**
 * A schedule over a batch: control, node and gateway as processes, one batch of some dozens of lines, and
 * kill -9 of control or gateway at random while it runs. At the end each line is in the output once with
 * the answer to its own question, each is on the books once, at half the price, and the books balance.
 */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { type Database, sql } from '#platform/database.ts';
import { waitFor } from '../cloud.ts';
import { checkBooks } from './books.ts';
import { type ChaosCloud, OPENING_CREDIT, startChaosCloud } from './cloud.ts';
import { createRandom } from './random.ts';
import type { ScheduleOptions } from './schedule.ts';
import { type Wish, usageOf } from './upstream.ts';

export type BatchResult = Readonly<{
  /** Lines answered, each once. */
  promised: number;
  /** Usage events that were charged. */
  recorded: number;
  /** Calls that the kills cut off and the books have for nothing. */
  cut: number;
}>;

const LINES = 60;
const TIMEOUT_MS = 120_000;
const CHAT = '/v1/chat/completions';
/** Half of 0.3 and 1.2 CNY per million tokens, in pico per token. */
const INPUT_PICO = 150_000n;
const OUTPUT_PICO = 600_000n;

type BatchFacts = Readonly<{
  id: string;
  status: string;
  output_file_id: string | null;
  error_file_id: string | null;
  request_counts: Readonly<{ total: number; completed: number; failed: number }>;
  cost: Readonly<{ amount: string; is_final: boolean }>;
}>;

export async function runBatchSchedule(options: ScheduleOptions): Promise<BatchResult> {
  const { seed, database } = options;
  const random = createRandom(seed);
  const cloud = await startChaosCloud(database, options.databaseUrl);
  try {
    const wishes = Array.from({ length: LINES }, () => ({ words: random.between(0, 120) }));
    const id = await createBatch(cloud, wishes);
    for (let kill = 0; kill < options.kills; kill += 1) {
      await wait(random.between(50, 900));
      const victim = random.next() < 0.5 ? 'gateway' : 'control';
      cloud.children.get(victim)?.kill('SIGKILL');
      await cloud.children.get(victim)?.exited;
      await wait(random.between(0, 300));
      await cloud.start(victim);
    }
    let batch = await readBatch(cloud, id);
    await waitFor('the batch to end and all of it to be on the books', TIMEOUT_MS, async () => {
      batch = await readBatch(cloud, id);
      return batch?.cost.is_final === true;
    });
    assert.ok(batch !== null);
    return await check({ seed, database, cloud, wishes, batch });
  } finally {
    await cloud.stop();
  }
}

async function createBatch(cloud: ChaosCloud, wishes: readonly Wish[]): Promise<string> {
  const lines = wishes.map((wish, index) => {
    const messages = [{ role: 'user', content: JSON.stringify(wish) }];
    const body = { model: cloud.model, max_tokens: 200, messages };
    return JSON.stringify({ custom_id: `line-${index}`, method: 'POST', url: CHAT, body });
  });
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new File([lines.join('\n')], 'chaos.jsonl'));
  const headers = { authorization: `Bearer ${cloud.secret}` };
  const uploaded = await fetch(`${cloud.gatewayUrl}/v1/files`, {
    method: 'POST',
    headers,
    body: form,
  });
  const file: { id: string } = JSON.parse(await uploaded.text());
  const created = await fetch(`${cloud.gatewayUrl}/v1/batches`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ input_file_id: file.id, endpoint: CHAT, completion_window: '24h' }),
  });
  const batch: { id: string } = JSON.parse(await created.text());
  return batch.id;
}

/** Null while somebody is dead. */
async function readBatch(cloud: ChaosCloud, id: string): Promise<BatchFacts | null> {
  const text = await read(cloud, `/v1/batches/${id}`);
  if (text === null) return null;
  const batch: BatchFacts = JSON.parse(text);
  return batch;
}

async function read(cloud: ChaosCloud, path: string): Promise<string | null> {
  try {
    const response = await fetch(`${cloud.gatewayUrl}${path}`, {
      headers: { authorization: `Bearer ${cloud.secret}` },
    });
    const text = await response.text();
    return response.ok ? text : null;
  } catch {
    // Nobody there just now.
    return null;
  }
}

type OutputLine = Readonly<{
  custom_id: string;
  response: Readonly<{
    status_code: number;
    request_id: string;
    body: Readonly<{ choices: readonly { message: { content: string } }[] }>;
  }>;
}>;

async function check(
  request: Readonly<{
    seed: number;
    database: Database;
    cloud: ChaosCloud;
    wishes: readonly Wish[];
    batch: BatchFacts;
  }>,
): Promise<BatchResult> {
  const { seed, database, cloud, wishes, batch } = request;
  const say = (text: string): string => `seed ${seed}: ${text}`;
  const counts = { total: LINES, completed: LINES, failed: 0 };
  assert.equal(batch.status, 'completed', say(JSON.stringify(batch)));
  assert.deepEqual(batch.request_counts, counts, say('counts'));
  const text = await read(cloud, `/v1/files/${batch.output_file_id}/content`);
  const lines = (text ?? '')
    .trim()
    .split('\n')
    .map((line): OutputLine => JSON.parse(line));
  const answers = new Map(lines.map((line) => [line.custom_id, line.response]));
  assert.deepEqual([lines.length, answers.size], [LINES, LINES], say('each line once'));
  const events = await readEvents(database, cloud.tenantId, `${batch.id}-`);
  let cut = 0;
  for (const [index, wish] of wishes.entries()) {
    const answer = answers.get(`line-${index}`);
    const content = answer?.body.choices[0]?.message.content;
    assert.equal(content, ' word'.repeat(wish.words), say(`answer ${index}`));
    const own = events.filter(({ requestId }) => requestId === answer?.request_id);
    const charged = own.filter(({ amount }) => amount !== '0');
    const { input, cacheRead, output } = usageOf(wish);
    const price = BigInt(input + cacheRead) * INPUT_PICO + BigInt(output) * OUTPUT_PICO;
    const amounts = charged.map(({ amount, tier }) => `${amount} ${tier}`);
    assert.deepEqual(amounts, [`${price} batch`], say(`line ${index} on the books`));
    cut += own.length - charged.length;
  }
  const { tenantId } = cloud;
  await checkBooks(database, { tenantIds: [tenantId], openingCredit: OPENING_CREDIT, say });
  return { promised: answers.size, recorded: events.length - cut, cut };
}

type Event = Readonly<{ requestId: string; amount: string; tier: string }>;

async function readEvents(
  database: Database,
  tenantId: string,
  prefix: string,
): Promise<readonly Event[]> {
  const { rows } = await sql<Event>`
    select request_id as "requestId", amount_pico as amount, service_tier as tier
    from usage_events
    where tenant_id = ${tenantId} and starts_with(request_id, ${prefix})`.execute(database);
  return rows;
}
