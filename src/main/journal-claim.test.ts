/** Which journal belongs to whom, and that one that nobody has any more still reaches control. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openJournal } from '#metering/journal.ts';
import { systemClock as clock } from '#platform/clock.ts';
import { listen } from '#platform/http.ts';
import { silentLog as log } from '#platform/log.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { journalFolder } from './home.ts';
import { claimJournal, listJournals } from './journal-claim.ts';
import { shipLeftJournals } from './left-journals.ts';

async function newHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'flywheel-journals-'));
  after(() => rm(home, { recursive: true, force: true }));
  return home;
}

describe('the journals of a home', () => {
  it('are taken from the first on, and one that was let go is taken again', async () => {
    const home = await newHome();

    const first = await claimJournal(home);
    const second = await claimJournal(home);
    await first.release();
    const again = await claimJournal(home);

    assert.deepEqual([first.number, second.number, again.number], [1, 2, 1]);
    assert.notEqual(first.folder, second.folder);
    await Promise.all([second.release(), again.release()]);
  });

  it('are free when their process is gone, also if its number is in use again', async () => {
    const home = await newHome();
    const claim = await claimJournal(home);
    await claim.release();
    // Our own number, by a process that began at another time: an earlier container had it.
    await writeFile(`${claim.folder}.lock`, `${process.pid} 1`);

    const again = await claimJournal(home);

    assert.equal(again.number, 1);
    await again.release();
  });

  it('reach control after their process is gone: ends as they were, open requests as abandoned', async () => {
    const home = await newHome();
    const own = await claimJournal(home);
    const folder = journalFolder(home, 2);
    const identity = (requestId: string) =>
      identityOf({
        requestId,
        tenantId: 'ten_1',
        modelId: 'mdl_1',
        priceId: null,
        admittedAtMs: 1,
      });
    const dead = await openJournal({ folder, clock, log });
    for (const requestId of ['req_ended', 'req_open']) {
      dead.append({ ...identity(requestId), kind: 'admitted', inputEstimate: 1 });
    }
    const usage = { input: 3, cacheRead: 0, cacheWrite: 0, output: 4, reasoning: 0 };
    dead.append(settledOf(identity('req_ended'), { outcome: 'finished', usage, settledAtMs: 2 }));
    await dead.stop();
    const shipped: { gatewayId: string; requestId: string; outcome: string }[] = [];
    const server = createServer((incoming, outgoing) => {
      let body = '';
      incoming.on('data', (part: Buffer) => (body += part.toString()));
      incoming.on('end', () => {
        const { gatewayId, settled } = JSON.parse(body);
        for (const record of settled) shipped.push({ ...record, gatewayId });
        outgoing.end('{}');
      });
    });
    const control = await listen(server, { host: '127.0.0.1', port: 0 });
    after(() => control.stop(0));

    const deps = { home, own: own.number, controlUrl: control.url, joinToken: 'join', clock, log };
    await shipLeftJournals(deps, new AbortController().signal);

    assert.deepEqual(
      shipped.map(({ requestId, outcome, gatewayId }) => [requestId, outcome, gatewayId]),
      [
        ['req_ended', 'finished', dead.gatewayId],
        ['req_open', 'abandoned', dead.gatewayId],
      ],
    );
    assert.deepEqual(await listJournals(home), []);
    assert.deepEqual(
      (await readdir(join(home, 'gateway'))).filter((name) => name.startsWith('journal-2')),
      [],
    );
    await own.release();
  });
});
