/** Several gateway processes on one port: replaced, crashed and taken away while callers stream through them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { listJournals } from '#main/journal-claim.ts';
import { createTestDatabase } from '../database.ts';
import { waitFor } from '../cloud.ts';
import { checkBooks } from './books.ts';
import { OPENING_CREDIT, startChaosCloud } from './cloud.ts';
import { type Gateways, killNow, startGateways } from './gateways.ts';
import { type Load, startLoad } from './load.ts';
import { createRandom } from './random.ts';

const TIMEOUT_MS = 60_000;
const CALLERS = 12;

const { database, url } = await createTestDatabase();
const cloud = await startChaosCloud(database, url);
const home = mkdtempSync(join(tmpdir(), 'flywheel-gateways-'));
after(async () => {
  await cloud.stop();
  rmSync(home, { recursive: true, force: true });
});
const running: { gateways: Gateways | null } = { gateways: null };
after(async () => running.gateways?.kill());

async function start(count: number): Promise<Gateways> {
  running.gateways = await startGateways(cloud, { home, count });
  return running.gateways;
}

function load(gateways: Gateways, seed: number): Load {
  const { secret, model } = cloud;
  return startLoad({
    url: gateways.url,
    secret,
    model,
    callers: CALLERS,
    random: createRandom(seed),
  });
}

async function answersAgain(calls: Load, count: number): Promise<void> {
  const enough = calls.answered.size + count;
  await waitFor('more answers', TIMEOUT_MS, () => calls.answered.size >= enough);
}

async function recordedIds(): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select request_id as id from usage_events where tenant_id = ${cloud.tenantId}`.execute(
    database,
  );
  return new Set(rows.map(({ id }) => id));
}

describe('gateways that share a port', () => {
  const answered = new Set<string>();

  it('are replaced under load without a refused connection or a cut stream', async () => {
    const gateways = await start(2);
    const before = gateways.pids();
    const calls = load(gateways, 1);
    await answersAgain(calls, CALLERS);

    await gateways.replace();
    await answersAgain(calls, CALLERS);
    await calls.stop();

    assert.deepEqual(Object.fromEntries(calls.failures), {});
    assert.equal(gateways.pids().filter((pid) => before.includes(pid)).length, 0);
    for (const id of calls.answered.keys()) answered.add(id);
  });

  it('are replaced by the command as well, which says each and harms nobody', async () => {
    const { gateways } = running;
    assert.ok(gateways !== null);
    const before = gateways.pids();
    const calls = load(gateways, 3);
    await answersAgain(calls, CALLERS);

    const said = await gateways.replaceByCommand();
    await answersAgain(calls, CALLERS);
    await calls.stop();

    assert.match(said, /1\/2 gateway serves\n2\/2 gateway-2 serves\n[^]*2 gateways are replaced/);
    assert.deepEqual(Object.fromEntries(calls.failures), {});
    assert.equal(gateways.pids().filter((pid) => before.includes(pid)).length, 0);
    for (const id of calls.answered.keys()) answered.add(id);
  });

  it('answer for each other when one is asked for metrics', async () => {
    const { gateways } = running;
    const response = await fetch(`${gateways?.url}/metrics`);
    const text = await response.text();

    const workers = new Set(
      [...text.matchAll(/^flywheel_gateway_live_requests\{worker="(\d+)"\}/gm)].map(([, id]) => id),
    );
    assert.equal(workers.size, 2, text.slice(0, 2_000));
    assert.equal(text.match(/^# TYPE flywheel_gateway_live_requests /gm)?.length, 1);
  });

  it('go on when one is killed, and it comes back', async () => {
    const { gateways } = running;
    assert.ok(gateways !== null);
    const [victim = 0, other = 0] = gateways.pids();
    const calls = load(gateways, 2);
    await answersAgain(calls, CALLERS);

    killNow(victim);
    await answersAgain(calls, CALLERS);
    await waitFor('another in its place', TIMEOUT_MS, () => !gateways.pids().includes(victim));
    await answersAgain(calls, CALLERS);
    await calls.stop();

    assert.equal(gateways.pids().includes(other), true);
    assert.deepEqual(
      [...calls.failures.keys()].filter((how) => how !== 'cut'),
      [],
    );
    for (const id of calls.answered.keys()) answered.add(id);
  });

  it('leave nothing behind: one that starts alone ships the journals of those before it', async () => {
    const { gateways } = running;
    assert.ok(gateways !== null);
    await stopControl();
    await gateways.kill();
    assert.ok((await listJournals(home)).length > 1, readdirSync(join(home, 'gateway')).join(' '));
    await cloud.start('control');

    const alone = await start(1);

    await waitFor('the other journals to be gone', TIMEOUT_MS, async () => {
      const journals = await listJournals(home);
      return journals.length === 1;
    });
    await waitFor('every answer to be in the books', TIMEOUT_MS, async () => {
      const recorded = await recordedIds();
      return [...answered].every((id) => recorded.has(id));
    });
    await alone.stop();
    await checkBooks(database, {
      tenantIds: [cloud.tenantId],
      openingCredit: OPENING_CREDIT,
      say: (text) => text,
    });
  });
});

async function stopControl(): Promise<void> {
  const control = cloud.children.get('control');
  control?.kill('SIGKILL');
  await control?.exited;
}
