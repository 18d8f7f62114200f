import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { admittedOf, identityOf, settledOf } from '../../test/usage-records.ts';
import { systemClock } from '#platform/clock.ts';
import { type Log, silentLog } from '#platform/log.ts';
import { type Journal, openJournal } from './journal.ts';
import type { Position } from './segment.ts';
import type { SettledRecord } from './usage-event.ts';

const PIECE_BYTES = 256 * 1024;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-journal-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const open = (folder: string, more: { segmentBytes?: number; log?: Log } = {}): Promise<Journal> =>
  openJournal({ folder, clock: systemClock, log: silentLog, ...more });

/** Every settled record from a position on, and where reading ended. */
async function readAll(
  journal: Journal,
  from: Position = journal.start(),
): Promise<{ settled: SettledRecord[]; end: Position }> {
  const settled: SettledRecord[] = [];
  let end = from;
  for (;;) {
    const piece = await journal.read(end, PIECE_BYTES);
    if (piece === null) return { settled, end };
    settled.push(...piece.settled.map((bytes) => JSON.parse(bytes.toString('utf8'))));
    end = piece.to;
  }
}

const segmentsIn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.endsWith('.journal'));

describe('a journal', () => {
  it('gives back settled records in order, across processes and segments', async () => {
    const folder = temporaryFolder();
    const written: string[] = [];
    for (let run = 0; run < 3; run += 1) {
      const journal = await open(folder, { segmentBytes: 2000 });
      for (let index = 0; index < 20; index += 1) {
        const identity = identityOf();
        written.push(identity.requestId);
        journal.append(admittedOf(identity));
        journal.append(settledOf(identity));
        if (index % 7 === 0) await journal.flush();
      }
      await journal.stop();
    }

    const journal = await open(folder);
    const { settled } = await readAll(journal);

    assert.deepEqual(
      settled.map(({ requestId }) => requestId),
      written,
    );
    assert.ok(segmentsIn(folder).length > 3);
    await journal.stop();
  });

  it('numbers its settled records from one in each process, so that a lost one is seen', async () => {
    const folder = temporaryFolder();
    for (let run = 0; run < 2; run += 1) {
      const journal = await open(folder);
      for (let index = 0; index < 3; index += 1) {
        const identity = identityOf();
        journal.append(admittedOf(identity));
        journal.append(settledOf(identity));
      }
      await journal.stop();
    }

    const { settled } = await readAll(await open(folder));

    const runs = settled.map((record) => record.journal?.run);
    assert.deepEqual([new Set(runs.slice(0, 3)).size, new Set(runs).size], [1, 2]);
    assert.deepEqual(
      settled.map((record) => record.journal?.sequence),
      [1, 2, 3, 1, 2, 3],
    );
  });

  it('keeps one id for its gateway', async () => {
    const folder = temporaryFolder();
    const first = await open(folder);
    await first.stop();
    const second = await open(folder);
    await second.stop();

    assert.equal(second.gatewayId, first.gatewayId);
  });

  it('deletes segments that are acknowledged and that no open request needs', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder, { segmentBytes: 1000 });
    const slow = identityOf();
    journal.append(admittedOf(slow));
    for (let index = 0; index < 20; index += 1) {
      journal.append(settledOf(identityOf()));
      await journal.flush();
    }

    const before = await readAll(journal);
    await journal.acknowledge(before.end);
    const kept = segmentsIn(folder).length;
    journal.append(settledOf(slow));
    await journal.flush();
    const rest = await readAll(journal, before.end);
    await journal.acknowledge(rest.end);

    assert.ok(kept > 5, 'the open request was admitted in the first segment');
    assert.equal(segmentsIn(folder).length, 1);
    assert.equal(journal.unshippedBytes(), 0);
    await journal.stop();
  });

  it('refuses a file that is not its own', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '00000001.journal'), 'something else entirely');

    await assert.rejects(open(folder), { code: 'journal.foreign_file' });
  });

  it('takes no record after its end', async () => {
    const journal = await open(temporaryFolder());
    await journal.stop();

    assert.throws(() => journal.append(settledOf(identityOf())), { code: 'journal.stopped' });
  });
});

describe('recovery', () => {
  it('settles what was admitted and never settled at its last progress, once', async () => {
    const folder = temporaryFolder();
    const [silent, streaming, done] = [identityOf(), identityOf(), identityOf()];
    const usage = { input: 7, cacheRead: 1, cacheWrite: 0, output: 5, reasoning: 2 };
    const died = await open(folder);
    for (const identity of [silent, streaming, done]) died.append(admittedOf(identity));
    for (const output of [1, 5]) {
      const { requestId } = streaming;
      died.append({ kind: 'progress', requestId, attempt: 0, usage: { ...usage, output } });
    }
    died.append(settledOf(done));
    await died.stop();

    for (let start = 0; start < 3; start += 1) await (await open(folder)).stop();

    const journal = await open(folder);
    const { settled } = await readAll(journal);
    await journal.stop();
    const abandoned = settled.filter(({ outcome }) => outcome === 'abandoned');
    assert.equal(settled.length, 3);
    assert.deepEqual(
      abandoned.map(({ requestId, usage, usageSource }) => [requestId, usage.output, usageSource]),
      [
        [silent.requestId, 0, 'none'],
        [streaming.requestId, 5, 'counted'],
      ],
    );
  });

  it('cuts a torn tail off, wherever it was torn', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    const records = [settledOf(identityOf()), settledOf(identityOf())];
    for (const record of records) journal.append(record);
    await journal.stop();
    const [name = ''] = segmentsIn(folder);
    const whole = readFileSync(join(folder, name));
    const first = 8 + (whole.length - 8) / 2;

    for (let cut = 0; cut < whole.length; cut += 13) {
      const torn = temporaryFolder();
      writeFileSync(join(torn, name), whole.subarray(0, cut));
      const again = await open(torn);
      const { settled } = await readAll(again);
      await again.stop();

      assert.equal(settled.length, cut >= first ? 1 : 0, `cut at ${cut}`);
    }
  });

  it('steps over a damaged record with a loud error, and sets the segment aside', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    for (let index = 0; index < 9; index += 1) journal.append(settledOf(identityOf()));
    await journal.stop();
    const [name = ''] = segmentsIn(folder);
    const bytes = readFileSync(join(folder, name));
    bytes.fill(0, 1500, 1600);
    writeFileSync(join(folder, name), bytes);
    const errors: string[] = [];
    const log: Log = { ...silentLog, error: (event) => errors.push(event) };

    const again = await open(folder, { log });
    const { settled, end } = await readAll(again);
    again.append(settledOf(identityOf()));
    await again.flush();
    await again.acknowledge(end);
    await again.stop();

    assert.equal(settled.length, 8);
    assert.deepEqual(errors, ['journal.damaged']);
    assert.ok(readdirSync(folder).includes(`${name}.damaged`));
  });
});

describe('a full disk', () => {
  it('stops admission, keeps what ends meanwhile, and loses nothing once there is space', async () => {
    const folder = temporaryFolder();
    const disk = limitDisk(folder);
    try {
      const journal = await open(folder);
      const written: string[] = [];
      const settle = (): void => {
        const identity = identityOf();
        journal.append(settledOf(identity));
        written.push(identity.requestId);
      };
      while (journal.isWritable()) {
        for (let index = 0; index < 20; index += 1) settle();
        // Slowly, so that what waits in memory fits the disk once there is space.
        await wait(5);
      }

      assert.equal(journal.health().reason, disk.reason);
      assert.throws(() => journal.append(admittedOf(identityOf())), { code: 'journal.unwritable' });
      for (let index = 0; index < 20; index += 1) settle();
      disk.makeSpace();
      await journal.flush();

      assert.equal(journal.isWritable(), true);
      const { settled } = await readAll(journal);
      assert.deepEqual(
        settled.map(({ requestId }) => requestId),
        written,
      );
      await journal.stop();
    } finally {
      disk.restore();
    }
  });
});

type LimitedDisk = Readonly<{ reason: string; makeSpace: () => void; restore: () => void }>;

/** A real small disk where mounting is allowed; elsewhere a real limit on the size of our files. */
function limitDisk(folder: string): LimitedDisk {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'flywheel-test', folder], {
      stdio: 'ignore',
    });
  } catch {
    return limitFiles();
  }
  const filler = join(folder, 'filler');
  writeFileSync(filler, Buffer.alloc(150 * 1024));
  return {
    reason: 'the disk is full',
    makeSpace: () => rmSync(filler),
    restore: () => execFileSync('umount', [folder]),
  };
}

function limitFiles(): LimitedDisk {
  const setLimit = (bytes: string): void => {
    execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
  };
  // The signal that comes with the error would end the process.
  const ignore = (): void => {};
  process.on('SIGXFSZ', ignore);
  setLimit(String(100 * 1024));
  return {
    reason: 'EFBIG: file too large, write',
    makeSpace: () => setLimit('unlimited'),
    restore: () => {
      setLimit('unlimited');
      process.off('SIGXFSZ', ignore);
    },
  };
}
