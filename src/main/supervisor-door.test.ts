import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { doorFile } from './home.ts';
import {
  type ReplaceGateways,
  type Replaced,
  openDoor,
  replaceGateways,
} from './supervisor-door.ts';

const homes: string[] = [];
after(async () => {
  for (const home of homes) await rm(home, { recursive: true });
});

async function start(replace: ReplaceGateways) {
  const home = await mkdtemp(join(tmpdir(), 'flywheel-door-'));
  homes.push(home);
  return { home, door: await openDoor(home, replace) };
}

const step = (number: number): Replaced => ({ name: `gateway-${number}`, number, of: 2 });

describe("the supervisor's door", () => {
  it('has the gateways replaced and tells of each as it is', async () => {
    const seen: number[] = [];
    const second = Promise.withResolvers<void>();
    const { home, door } = await start(async (onReplaced) => {
      onReplaced(step(1));
      // Only whoever hears of the first lets the second be.
      await second.promise;
      onReplaced(step(2));
    });

    const count = await replaceGateways(home, ({ number }) => {
      seen.push(number);
      second.resolve();
    });

    assert.deepEqual([count, seen], [2, [1, 2]]);
    await door.close();
  });

  it('says what a new gateway could not do', async () => {
    const { home, door } = await start(async (onReplaced) => {
      onReplaced(step(1));
      throw new Error('its disk is full');
    });

    await assert.rejects(
      replaceGateways(home, () => {}),
      {
        code: 'gateway.not_replaced',
        message: /After 1: its disk is full/,
      },
    );
    await door.close();
  });

  it('asks nobody where there is no door, or one of before', async () => {
    const { home, door } = await start(async () => {});
    const left = await readFile(doorFile(home), 'utf8');
    await door.close();

    await assert.rejects(
      replaceGateways(home, () => {}),
      { code: 'gateway.not_running' },
    );
    await writeFile(doorFile(home), left);
    await assert.rejects(
      replaceGateways(home, () => {}),
      { code: 'gateway.not_running' },
    );
  });

  it('opens to who may read the home and to nobody else', async () => {
    let asked = 0;
    const { home, door } = await start(async () => {
      asked += 1;
    });
    const { url } = JSON.parse(await readFile(doorFile(home), 'utf8')) as { url: string };
    for (const authorization of ['', 'Bearer wrong', `Bearer ${'x'.repeat(43)}`]) {
      const response = await fetch(`${url}/gateways/replace`, {
        method: 'POST',
        headers: { authorization },
      });
      assert.equal(response.status, 404);
    }

    assert.equal(asked, 0);
    if (process.platform !== 'win32') assert.equal((await stat(doorFile(home))).mode & 0o077, 0);
    await door.close();
  });
});
