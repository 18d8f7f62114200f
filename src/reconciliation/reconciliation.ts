/**
 * The program that proves the books: what gateways wrote is what was shipped, recorded, rated, posted, summed
 * and invoiced, every hold has ended, every balance is the fold of its postings. Owns no books: each module
 * says its own laws as pages over its rows (main lists them), and this goes through them all the time and
 * when asked, keeps what it found, and tells the operator. It changes no row but its own.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createId } from '#platform/id.ts';
import type { Law } from '#ledger/law.ts';
import type { BookCheck, BookFinding, BookLaw, Books } from './api.ts';
import type { StoredCheck } from './check-store.ts';
import { createChecks } from './checks.ts';
import type { FoundParts } from './found.ts';
import { ROUND_EVERY_MS, type Round, runRound } from './runner.ts';
import {
  type LawState,
  type StoredFinding,
  countOpenFindings,
  releaseRunner,
  selectFindings,
  selectLawStates,
} from './store.ts';

export type Reconciliation = Readonly<{
  /** What is known now, without looking again. */
  books: () => Promise<Books>;
  /** Every law over everything, in the background; joins a check that runs already. */
  check: (startedBy: string | null) => Promise<BookCheck>;
  /** Raises `books.check_unknown`. */
  checkOf: (id: string) => Promise<BookCheck>;
  /** One round of the continuous run. */
  runRound: () => Promise<Round>;
  /** For `/metrics`: open findings, and seconds since everything was last looked at, by law. */
  figures: () => Promise<Readonly<{ findings: Figures; ageSeconds: Figures }>>;
  start: () => Readonly<{ stop: () => Promise<void> }>;
}>;

export type Figures = ReadonlyMap<string, number>;

const FINDINGS_SHOWN_MAX = 500;
const RESOLVED_SHOWN_MAX = 20;

export function createReconciliation(parts: FoundParts): Reconciliation {
  const { clock, database, laws, log } = parts;
  const runner = { ...parts, holder: createId('bck', clock.nowMs()) };
  const checks = createChecks(parts);
  return {
    books: async () => readBooks(parts, await checks.last()),
    check: async (startedBy) => presentCheck(await checks.start(startedBy)),
    checkOf: async (id) => presentCheck(await checks.show(id)),
    runRound: () => runRound(runner),
    figures: async () => {
      const open = await countOpenFindings(database);
      const states = await selectLawStates(database);
      const findings = new Map(laws.map(({ name }) => [name, open.get(name) ?? 0]));
      const ageSeconds = new Map(
        [...states.values()].flatMap(({ name, lastEndedAt }) =>
          lastEndedAt === null ? [] : [[name, (clock.nowMs() - lastEndedAt.getTime()) / 1_000]],
        ),
      );
      return { findings, ageSeconds };
    },
    start: () => {
      const stopping = new AbortController();
      const { signal } = stopping;
      const ended = (async () => {
        while (!signal.aborted) {
          await delay(ROUND_EVERY_MS, undefined, { signal }).catch(() => {
            // Woken to stop; the loop looks why.
          });
          if (signal.aborted) break;
          await runRound(runner, signal).catch((error: unknown) =>
            // The database is away; it is asked again in the next round.
            log.warn('books.round_failed', { error }),
          );
        }
      })();
      return {
        stop: async () => {
          stopping.abort();
          await ended;
          await checks.stop();
          await releaseRunner(database, runner.holder).catch((error: unknown) =>
            log.warn('books.release_failed', { error }),
          );
        },
      };
    },
  };
}

async function readBooks(
  { database, laws }: FoundParts,
  check: StoredCheck | null,
): Promise<Books> {
  const states = await selectLawStates(database);
  const open = await countOpenFindings(database);
  const findings = await selectFindings(database, { isOpen: true, limit: FINDINGS_SHOWN_MAX });
  const resolved = await selectFindings(database, { isOpen: false, limit: RESOLVED_SHOWN_MAX });
  const presented = laws.map((law) =>
    presentLaw(law, states.get(law.name), open.get(law.name) ?? 0),
  );
  return {
    state: stateOf(presented),
    laws: presented,
    findings: findings.map(presentFinding),
    resolved: resolved.map(presentFinding),
    check: check === null ? null : presentCheck(check),
  };
}

function stateOf(laws: readonly BookLaw[]): Books['state'] {
  if (laws.some(({ findings }) => findings > 0)) return 'broken';
  return laws.every(({ state }) => state === 'ok') ? 'ok' : 'waiting';
}

function presentLaw(law: Law, state: LawState | undefined, findings: number): BookLaw {
  const { lastBeganAt = null, lastEndedAt = null, problem = null } = state ?? {};
  const isUnderWay = (state?.beganAt ?? null) !== null;
  const hasRun = lastBeganAt !== null && lastEndedAt !== null;
  return {
    name: law.name,
    says: law.says,
    state: stateOfLaw({ findings, problem, hasRun }),
    findings,
    lastRunAt: hasRun ? lastEndedAt.toISOString() : null,
    lastRunMs: hasRun ? lastEndedAt.getTime() - lastBeganAt.getTime() : null,
    examined: state?.lastExamined ?? 0,
    recentAt: state?.recentAt?.toISOString() ?? null,
    underWay: isUnderWay ? (state?.examined ?? 0) : null,
    problem,
  };
}

function stateOfLaw(
  law: Readonly<{ findings: number; problem: string | null; hasRun: boolean }>,
): BookLaw['state'] {
  if (law.findings > 0) return 'broken';
  if (law.problem !== null) return 'failing';
  return law.hasRun ? 'ok' : 'waiting';
}

function presentFinding({
  firstSeenAt,
  lastSeenAt,
  resolvedAt,
  ...row
}: StoredFinding): BookFinding {
  return {
    ...row,
    firstSeenAt: firstSeenAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
  };
}

function presentCheck({ startedAt, endedAt, findings, ...check }: StoredCheck): BookCheck {
  return {
    ...check,
    findings: [...findings],
    holds: check.state === 'done' && findings.length === 0,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}
