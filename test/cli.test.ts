/** The commands against a whole cloud, as the quickstart walks through them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli } from '#cli/cli-fixture.ts';
import { startCloud } from './cloud.ts';
import { writeTinyGguf } from './tiny-gguf.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-cli-'));
const weights = join(folder, 'tiny.gguf');
const MODEL = 'walk/tiny';

await writeTinyGguf(weights);
const cloud = await startCloud();

after(() => rmSync(folder, { recursive: true, force: true }));

/** With the home of the cloud and nothing else, so the address and the key come from first-run.json. */
const flywheel = (...argv: string[]) =>
  runCli(argv, { environment: { FLYWHEEL_HOME: cloud.home } });

async function json(...argv: string[]) {
  const { code, out, notes } = await flywheel(...argv, '--json');
  assert.equal(code, 0, notes);
  return JSON.parse(out);
}

describe('the commands, one after another', () => {
  it('bring a model in, price it and serve it', async () => {
    const imported = await json('model', 'import', weights, '--name', MODEL);
    const price = await json('price', 'set', MODEL, '--input', '0.5', '--output', '2');
    const deployment = await json('deployment', 'create', MODEL, '--wait');
    const { data } = await json('model', 'list');

    assert.equal(imported.state, 'succeeded');
    assert.deepEqual([price.inputPerMillion, price.modelName], ['0.5', MODEL]);
    assert.equal(deployment.state, 'ready');
    assert.ok(data.some(({ name }: { name: string }) => name === MODEL));
  });

  it('find it by the beginning of its name and by what it is, and count what there is', async () => {
    const names = (found: { data: { name: string }[] }) => found.data.map(({ name }) => name);
    assert.deepEqual(names(await json('hub', 'search', 'wal')), [MODEL]);
    assert.deepEqual(names(await json('hub', 'search', 'tiny', '--license', 'no-such')), []);
    const small = await json('hub', 'search', '--library', 'gguf', '--parameters', 'max:1B');
    assert.ok(names(small).includes(MODEL));
    const { library } = await json('hub', 'search', 'walk', '--counts');
    assert.deepEqual(library, [{ value: 'gguf', count: 1 }]);
    const { out } = await flywheel('hub', 'search', 'walk');
    assert.match(out, /^NAME\b.*\n.*walk\/tiny/);
  });

  it('refuse a file that is no model and leave nothing of it', async () => {
    const ended = await flywheel('model', 'import', import.meta.filename, '--name', 'walk/bad');

    assert.equal(ended.code, 1);
    assert.match(ended.notes, /weights\./);
    assert.equal((await flywheel('model', 'show', 'walk/bad')).code, 3);
  });

  it('chat, and know to the last digit what it cost', async () => {
    const before = await json('balance');
    const given = await json('chat', 'Hello', '--model', MODEL, '--max-tokens', '12');
    const event = await json('usage', 'event', given.requestId);
    const left = await json('balance');

    const pico = 500_000n * BigInt(event.inputTokens) + 2_000_000n * BigInt(event.outputTokens);
    assert.equal(given.usage.outputTokens, event.outputTokens);
    assert.equal(toPico(given.amount), pico);
    assert.equal(toPico(event.amount), pico);
    assert.equal(toPico(before.balance) - toPico(left.balance), pico);
    assert.ok(event.entryId !== null);
  });

  it('revoke a key so that the gateway refuses it', async () => {
    const key = await json('key', 'create', 'short');
    const ask = () => flywheel('chat', 'Hi', '-m', MODEL, '--max-tokens', '2', '--key', key.secret);

    const works = await ask();
    const revokedAtMs = performance.now();
    await json('key', 'revoke', key.id);
    let refused = await ask();
    while (refused.code === 0 && performance.now() - revokedAtMs < 30_000) refused = await ask();

    assert.equal(works.code, 0, works.notes);
    assert.equal(refused.code, 4);
  });

  it('show the cloud, its logs and its money, and take the deployment down again', async () => {
    const status = await json('status');
    const logs = await flywheel('deployment', 'logs', MODEL);
    const usage = await json('usage');
    const credited = await json('credit', 'add', '5', '--idempotency-key', 'walk-1');
    const again = await json('credit', 'add', '5', '--idempotency-key', 'walk-1');
    const removed = await flywheel('deployment', 'remove', MODEL);

    assert.equal(status.gateways.length, 1);
    assert.match(logs.out, /ready/);
    assert.ok(usage.total.calls >= 2);
    assert.equal(credited.id, again.id);
    assert.equal(removed.code, 0);
    const { data } = await json('deployment', 'list');
    assert.ok(!data.some(({ modelName }: { modelName: string }) => modelName === MODEL));
  });
});

function toPico(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.split('.');
  return BigInt(whole + fraction.padEnd(12, '0'));
}
