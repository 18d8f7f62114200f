/**
 * Checks that somebody asks for: every law over everything, one after the other, in the control that was asked.
 * Progress is kept as it goes, so that whoever asked may ask any control how far it is.
 */
import { transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { type Finding, type Law, firstOfEach, surePage } from '#ledger/law.ts';
import { countQuarantined } from '#metering/verify.ts';
import {
  type StoredCheck,
  deleteOldChecks,
  failSilentChecks,
  insertCheck,
  saveCheck,
  selectCheck,
  selectLastCheck,
} from './check-store.ts';
import { fail } from './errors.ts';
import { type FoundParts, keepFindings, tellOperator } from './found.ts';

/** Whoever watches sees it move; and nothing is written oftener. */
const SAVE_EVERY_MS = 500;

/** One statement lasts half a minute at most; who is silent for longer is gone. */
const SILENT_MS = 90_000;

const CHECKS_KEPT = 50;

/** The law whose rows are calls. */
const CALLS = 'calls';

export type Checks = Readonly<{
  /** Begins one, or joins the one that runs. */
  start: (startedBy: string | null) => Promise<StoredCheck>;
  /** Raises `books.check_unknown`. */
  show: (id: string) => Promise<StoredCheck>;
  last: () => Promise<StoredCheck | null>;
  stop: () => Promise<void>;
}>;

export function createChecks(parts: FoundParts): Checks {
  const { database, clock, laws } = parts;
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const giveUpSilent = (): Promise<void> => {
    const nowMs = clock.nowMs();
    return failSilentChecks(database, {
      before: new Date(nowMs - SILENT_MS),
      now: new Date(nowMs),
    });
  };
  const show = async (id: string): Promise<StoredCheck> => {
    const check = await selectCheck(database, id);
    if (check === null) throw fail('books.check_unknown', `There is no check ${id}.`);
    return check;
  };
  return {
    start: async (startedBy) => {
      await giveUpSilent();
      const nowMs = clock.nowMs();
      const id = createId('bck', nowMs);
      const check = { id, lawsTotal: laws.length, startedBy, now: new Date(nowMs) };
      if (!(await insertCheck(database, check))) {
        const other = await selectLastCheck(database);
        if (other !== null) return other;
      }
      running = runCheck(parts, id, stopping.signal);
      return show(id);
    },
    show: async (id) => {
      await giveUpSilent();
      return show(id);
    },
    last: () => selectLastCheck(database),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

type Progress = Omit<StoredCheck, 'startedAt'>;

/** Ends in a row whatever happens. */
async function runCheck(parts: FoundParts, id: string, signal: AbortSignal): Promise<void> {
  const { database, clock, laws, log } = parts;
  let progress: Progress = {
    id,
    state: 'running',
    lawsDone: 0,
    lawsTotal: laws.length,
    law: null,
    examined: 0,
    events: 0,
    quarantined: 0,
    findings: [],
    problem: null,
    endedAt: null,
  };
  let savedMs = clock.monotonicMs();
  const save = async (next: Progress): Promise<boolean> => {
    progress = next;
    savedMs = clock.monotonicMs();
    return saveCheck(database, { ...next, now: new Date(clock.nowMs()) });
  };
  const end = (changes: Pick<Progress, 'state' | 'problem'>): Promise<boolean> =>
    save({ ...progress, ...changes, law: null, endedAt: new Date(clock.nowMs()) });
  try {
    for (const law of laws) {
      if (!(await save({ ...progress, law: law.name }))) return;
      const findings: Finding[] = [];
      for await (const page of pagesOf(parts, law, signal)) {
        findings.push(...page.findings);
        const events = progress.events + (law.name === CALLS ? page.examined : 0);
        progress = { ...progress, events, examined: progress.examined + page.examined };
        if (clock.monotonicMs() - savedMs >= SAVE_EVERY_MS && !(await save(progress))) return;
      }
      const found = firstOfEach(findings);
      await transaction(database, (tx) =>
        keepFindings(tx, parts, { law: law.name, findings: found }),
      );
      const all = [...progress.findings, ...found];
      progress = { ...progress, findings: all, lawsDone: progress.lawsDone + 1 };
    }
    await tellOperator(parts);
    progress = { ...progress, quarantined: await countQuarantined(database) };
    await end({ state: 'done', problem: null });
    await deleteOldChecks(database, CHECKS_KEPT);
  } catch (error) {
    log.error('books.check_failed', { checkId: id, law: progress.law, error });
    const problem = error instanceof Error ? error.message.slice(0, 300) : 'unknown';
    await end({ state: 'failed', problem }).catch((cause: unknown) =>
      log.error('books.check_lost', { checkId: id, error: cause }),
    );
  }
}

async function* pagesOf({ database, clock }: FoundParts, law: Law, signal: AbortSignal) {
  let after: string | null = null;
  do {
    signal.throwIfAborted();
    const page: Awaited<ReturnType<typeof surePage>> = await surePage(database, law, {
      after,
      nowMs: clock.nowMs(),
    });
    yield page;
    after = page.after;
  } while (after !== null);
}
