/**
 * The books are right, then one row is wrong: the continuous run names it within a minute, and a check does too.
 *
 * @also postgresql
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Law } from '#ledger/law.ts';
import { balanceLaw } from '#ledger/laws.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import type { BookFinding } from '#reconciliation/api.ts';
import { createReconciliation } from '#reconciliation/reconciliation.ts';
import { ROUND_EVERY_MS } from '#reconciliation/runner.ts';
import { createReconciliationRoutes } from '#reconciliation/routes.ts';
import { callAs, insertTenant, ownerOf } from '../money.ts';
import { FAULTS, type Fault, batchesOf, inject, mend } from './faults.ts';
import { createWorld } from './world.ts';

const world = await createWorld();
const { database, parts, clock } = world;
const { reconciliation } = parts;

const MINUTE_MS = 60_000;

/** What a round of one second's work does at the very least, of which a minute has six. */
const STEPS_PER_MINUTE = 6 * 100;

const openFindings = async () => (await reconciliation.books()).findings;

/** Rounds as the clock of a running control begins them. */
async function roundsUntil(isDone: () => Promise<boolean>) {
  const startMs = clock.nowMs();
  let steps = 0;
  while (clock.nowMs() - startMs <= 2 * MINUTE_MS) {
    clock.advance(ROUND_EVERY_MS);
    steps += (await reconciliation.runRound()).steps;
    if (await isDone()) break;
  }
  return { passedMs: clock.nowMs() - startMs, steps };
}

async function check() {
  let found = await reconciliation.check(null);
  while (found.state === 'running') {
    await new Promise((resolve) => setImmediate(resolve));
    found = await reconciliation.checkOf(found.id);
  }
  return found;
}

describe('books in which everything happened once', () => {
  it('hold, over every kind of row', async () => {
    const found = await check();

    assert.deepEqual([found.findings, found.problem], [[], null]);
    assert.deepEqual([found.holds, found.lawsDone, found.events], [true, found.lawsTotal, 6]);
  });

  it('are gone through whole within a minute, and said to be right', async () => {
    const { passedMs } = await roundsUntil(
      async () => (await reconciliation.books()).state !== 'waiting',
    );

    const books = await reconciliation.books();
    assert.equal(books.state, 'ok', JSON.stringify(books.laws, null, 1));
    assert.ok(passedMs <= MINUTE_MS, `${passedMs} ms`);
    for (const { name, lastRunAt, problem } of books.laws) {
      assert.deepEqual([name, lastRunAt !== null, problem], [name, true, null]);
    }
  });
});

/** Of each fault what its finding must name, asked before anything is wrong. */
async function subjectsOf(faults: readonly Fault[]): Promise<ReadonlyMap<Fault, string>> {
  const subjects = new Map<Fault, string>();
  for (const fault of faults) {
    const { rows } = await fault.subject.execute(database);
    assert.ok(typeof rows[0]?.subject === 'string', `there is a row for: ${fault.says}`);
    subjects.set(fault, rows[0].subject);
  }
  return subjects;
}

const isNamed = (open: readonly BookFinding[], fault: Fault, subject: string): boolean =>
  open.some((found) => found.says === fault.says && found.subject.includes(subject));

describe('rows that are wrong', () => {
  for (const [index, faults] of batchesOf(FAULTS).entries()) {
    it(`are named within a minute, and forgotten within one: ${index + 1}`, async () => {
      const subjects = await subjectsOf(faults);
      await inject(database, faults);

      const found = await roundsUntil(async () => {
        const open = await openFindings();
        return [...subjects].every(([fault, subject]) => isNamed(open, fault, subject));
      });

      const open = await openFindings();
      await mend(database, faults);
      const shown = JSON.stringify(
        open.map(({ says, subject }) => [says, subject]),
        null,
        1,
      );
      for (const [fault, subject] of subjects) {
        assert.ok(isNamed(open, fault, subject), `${fault.says}: ${subject} is not in ${shown}`);
      }
      assert.ok(found.passedMs <= MINUTE_MS && found.steps <= STEPS_PER_MINUTE, shown);
      const mended = await roundsUntil(async () => (await openFindings()).length === 0);
      const left = await openFindings();
      assert.deepEqual([left, mended.passedMs <= MINUTE_MS], [[], true]);
    });
  }

  it('are of every law', async () => {
    const { laws } = await reconciliation.books();

    const tried = new Set(FAULTS.map(({ law }) => law));
    assert.deepEqual(
      laws.filter(({ name }) => !tried.has(name)),
      [],
    );
  });
});

describe('a check that somebody asks for', () => {
  const [fault] = FAULTS;

  it('names the row, fails, and tells the operator once', async () => {
    assert.ok(fault !== undefined);
    const { rows } = await fault.subject.execute(database);
    // People are told every ten minutes at most, of everything since the last time.
    clock.advance(10 * MINUTE_MS);
    const sinceMs = clock.nowMs();
    await inject(database, [fault]);
    const [found, again] = [await check(), await check()];
    await mend(database, [fault]);

    assert.deepEqual([found.state, found.holds, again.holds], ['done', false, false]);
    assert.ok(found.findings.some(({ subject }) => subject.includes(rows[0]?.subject ?? '-')));
    const told = await sql<{ data: { findings: number } }>`
      select data from notices where kind = 'books.broken' and created_at >= ${new Date(sinceMs)}`.execute(
      database,
    );
    assert.equal(told.rows.length, 1);
    assert.equal(told.rows[0]?.data.findings, found.findings.length);
  });

  it('is one at a time: whoever asks meanwhile joins it', async () => {
    const [one, two] = await Promise.all([reconciliation.check(null), reconciliation.check(null)]);

    assert.equal(one.id, two.id);
    assert.equal((await check()).state, 'done');
  });
});

describe('an account of more postings than a step takes', () => {
  it('is summed step by step, and comes to the same', async () => {
    let [after, steps]: [string | null, number] = [null, 0];
    do {
      const page = await balanceLaw(1).page(database, { after, limit: 100, nowMs: 0 });
      assert.deepEqual(page.findings, []);
      after = page.after;
      steps += 1;
    } while (after !== null);
    assert.ok(steps > 10, `${steps} steps`);
  });
});

describe('the continuous run', () => {
  const law = (name: string, page: Law['page']): Law => ({ name, says: name, limit: 1, page });
  const runner = (laws: readonly Law[]) =>
    createReconciliation({ database, laws, notices: parts.notices, clock, log: silentLog });

  it('goes on elsewhere from where a control stopped, and no row is looked at twice', async () => {
    const seen: number[] = [];
    const pages = 600;
    const long = law('long', async (_, { after }) => {
      const number = Number(after ?? 0);
      seen.push(number);
      const next = number + 1 < pages ? String(number + 1) : null;
      return { examined: 1, after: next, findings: [] };
    });
    const [one, two] = [runner([long]), runner([long])];
    clock.advance(MINUTE_MS);

    const first = await one.runRound();
    const other = await two.runRound();
    clock.advance(MINUTE_MS);
    const later = await two.runRound();
    await two.runRound();

    assert.deepEqual([first.isHolder, other.isHolder, later.isHolder], [true, false, true]);
    assert.ok(first.steps < pages && later.steps < pages, 'a round has a budget');
    assert.deepEqual(
      seen,
      Array.from({ length: pages }, (_, index) => index),
    );
  });

  it('reads every other law while one cannot be read, and says so', async () => {
    let isAway = true;
    const broken = law('unreadable', async () => {
      if (isAway) throw new Error('relation is away');
      return { examined: 1, after: null, findings: [] };
    });
    const sound = law('readable', async () => ({ examined: 1, after: null, findings: [] }));
    const books = runner([broken, sound]);
    clock.advance(MINUTE_MS);

    await books.runRound();
    const [away, other] = (await books.books()).laws;
    isAway = false;
    clock.advance(MINUTE_MS);
    await books.runRound();

    assert.deepEqual([away?.state, away?.problem], ['failing', 'relation is away']);
    assert.deepEqual([other?.state, (await books.books()).state], ['ok', 'ok']);
  });

  it('raises nothing that is gone when it is looked at again', async () => {
    let looks = 0;
    const hasty = law('hasty', async () => {
      looks += 1;
      const findings = looks === 1 ? [{ law: 'hasty', subject: 'a row', detail: '' }] : [];
      return { examined: 1, after: null, findings };
    });
    const books = runner([hasty]);
    clock.advance(MINUTE_MS);

    assert.equal((await books.runRound()).found, 0);
    const open = (await books.books()).findings.filter(({ law: name }) => name === 'hasty');
    assert.deepEqual(open, []);
  });
});

describe('the routes of the books', () => {
  const routes = createReconciliationRoutes(reconciliation);

  it('answer the operator', async () => {
    const call = callAs(ownerOf(world.operatorId, 'operator'), routes);

    const started = await call('/cloud/v1/books/checks', {});
    const read = await call(`/cloud/v1/books/checks/${String(started.body['id'])}`);
    const books = await call('/cloud/v1/books');

    assert.deepEqual([started.status, read.status, books.status], [202, 200, 200]);
    assert.deepEqual((await call('/cloud/v1/books/checks/bck_none')).status, 404);
  });

  it('are closed to everybody else, whatever their role', async () => {
    const call = callAs(ownerOf(await insertTenant(database)), routes);

    for (const path of ['/cloud/v1/books', '/cloud/v1/books/checks/bck_none']) {
      assert.equal((await call(path)).status, 403, path);
    }
    assert.equal((await call('/cloud/v1/books/checks', {})).status, 403);
  });
});
