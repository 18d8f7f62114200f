/**
 * Goes through the laws all the time, in small steps and within a budget: every half minute over what changed
 * lately, and round and round over everything. One control does so at a time; where it stops, or dies, the
 * next goes on from the cursor that was kept.
 */
import { type Database, transaction } from '#platform/database.ts';
import { type Law, type LawPage, firstOfEach, surePage } from '#ledger/law.ts';
import { type FoundParts, keepFindings, tellOperator } from './found.ts';
import {
  type LawState,
  holdRunner,
  resolveFindings,
  saveLawState,
  selectLawStates,
} from './store.ts';

/** A round begins this often. */
export const ROUND_EVERY_MS = 10_000;

/** Whoever holds the runner and is gone is followed after this. */
const HOLD_MS = 45_000;

/** What changed lately is looked at, and a new run over everything begun, no sooner than this after the last. */
const AGAIN_AFTER_MS = 25_000;

/** Of what changed lately; more than this in half a minute is left to the run over everything. */
const RECENT_STEPS_MAX = 50;

/** Steps of one law before it is the next one's turn. */
const STEPS_PER_TURN = 10;

/** A tenth of the time of one connection at most, and no more steps than take about that long. */
const WORK_PER_ROUND_MS = 1_000;
const STEPS_PER_ROUND = 250;

export type RunnerParts = FoundParts & Readonly<{ holder: string }>;

export type Round = Readonly<{
  /** False where another control does it. */
  isHolder: boolean;
  steps: number;
  /** Findings that nobody had seen before. */
  found: number;
}>;

type Budget = {
  /** On the monotonic clock. */
  readonly untilMs: number;
  steps: number;
  found: number;
  readonly signal: AbortSignal | undefined;
};

/** One round. `signal` ends it after the step under way. */
export async function runRound(parts: RunnerParts, signal?: AbortSignal): Promise<Round> {
  const { database, laws, clock, holder } = parts;
  const nowMs = clock.nowMs();
  const hold = { holder, now: new Date(nowMs), until: new Date(nowMs + HOLD_MS) };
  if (!(await holdRunner(database, hold))) return { isHolder: false, steps: 0, found: 0 };
  const budget = { untilMs: clock.monotonicMs() + WORK_PER_ROUND_MS, steps: 0, found: 0, signal };
  const states = new Map(await selectLawStates(database));
  for (const law of laws) {
    const state = states.get(law.name) ?? newState(law.name);
    states.set(law.name, await lookAtRecent(parts, { law, state, budget }));
  }
  let isWorking = true;
  while (isWorking && hasBudget(parts, budget)) {
    isWorking = false;
    for (const law of leastDoneFirst(laws, states)) {
      const state = states.get(law.name) ?? newState(law.name);
      if (!isDue(state, nowMs)) continue;
      if (!hasBudget(parts, budget)) break;
      isWorking = true;
      states.set(law.name, await takeTurn(parts, { law, state, budget }));
    }
  }
  await tellOperator(parts);
  return { isHolder: true, steps: budget.steps, found: budget.found };
}

function newState(name: string): LawState {
  return {
    name,
    cursor: null,
    beganAt: null,
    examined: 0,
    steps: 0,
    lastBeganAt: null,
    lastEndedAt: null,
    lastExamined: 0,
    lastSteps: 0,
    recentAt: null,
    problem: null,
  };
}

/** A run under way goes on; the next begins a while after the last. */
function isDue(state: LawState, nowMs: number): boolean {
  return state.beganAt !== null || isLongAgo(state.lastEndedAt, nowMs);
}

function isLongAgo(at: Date | null, nowMs: number): boolean {
  return at === null || nowMs - at.getTime() >= AGAIN_AFTER_MS;
}

/** A law that waited longest for its end goes first, so that none waits for ever behind a long one. */
function leastDoneFirst(
  laws: readonly Law[],
  states: ReadonlyMap<string, LawState>,
): readonly Law[] {
  const endedMs = ({ name }: Law): number => states.get(name)?.lastEndedAt?.getTime() ?? 0;
  return laws.toSorted((a, b) => endedMs(a) - endedMs(b));
}

function hasBudget({ clock }: RunnerParts, budget: Budget): boolean {
  if (budget.signal?.aborted === true) return false;
  return budget.steps < STEPS_PER_ROUND && clock.monotonicMs() < budget.untilMs;
}

type Turn = Readonly<{ law: Law; state: LawState; budget: Budget }>;

async function lookAtRecent(parts: RunnerParts, turn: Turn): Promise<LawState> {
  const { law, state, budget } = turn;
  const nowMs = parts.clock.nowMs();
  if (law.recent === undefined || !isLongAgo(state.recentAt, nowMs)) return state;
  // The first run over everything sees all that there is.
  if (state.lastEndedAt === null) return state;
  return withProblem(parts, state, async () => {
    const after = (await law.recent?.(parts.database, nowMs)) ?? null;
    const taken = await takeSteps(parts, { ...turn, after, stepsMax: RECENT_STEPS_MAX });
    const next = { ...state, recentAt: new Date(nowMs), problem: null };
    return save(parts, { law, next, budget, taken });
  });
}

/** Some steps of the run over everything, begun where there is none. */
async function takeTurn(parts: RunnerParts, turn: Turn): Promise<LawState> {
  const { law, state, budget } = turn;
  const now = new Date(parts.clock.nowMs());
  return withProblem(parts, state, async () => {
    const taken = await takeSteps(parts, {
      ...turn,
      after: state.cursor,
      stepsMax: STEPS_PER_TURN,
    });
    const beganAt = state.beganAt ?? now;
    const examined = state.examined + taken.examined;
    const steps = state.steps + taken.steps;
    const next: LawState =
      taken.after !== null
        ? { ...state, cursor: taken.after, beganAt, examined, steps, problem: null }
        : {
            ...newState(law.name),
            recentAt: state.recentAt,
            lastBeganAt: beganAt,
            lastEndedAt: new Date(parts.clock.nowMs()),
            lastExamined: examined,
            lastSteps: steps,
          };
    const resolvedBefore = taken.after === null ? beganAt : null;
    return save(parts, { law, next, budget, taken, resolvedBefore });
  });
}

type Taken = LawPage & Readonly<{ steps: number }>;

async function takeSteps(
  parts: RunnerParts,
  request: Turn & Readonly<{ after: string | null; stepsMax: number }>,
): Promise<Taken> {
  const { law, budget, stepsMax } = request;
  const findings: LawPage['findings'][number][] = [];
  let { after } = request;
  let [examined, steps] = [0, 0];
  do {
    const page = await surePage(parts.database, law, { after, nowMs: parts.clock.nowMs() });
    findings.push(...page.findings);
    examined += page.examined;
    after = page.after;
    steps += 1;
    budget.steps += 1;
  } while (after !== null && steps < stepsMax && hasBudget(parts, budget));
  return { examined, after, findings: firstOfEach(findings), steps };
}

async function save(
  parts: RunnerParts,
  done: Readonly<{
    law: Law;
    next: LawState;
    budget: Budget;
    taken: Taken;
    resolvedBefore?: Date | null;
  }>,
): Promise<LawState> {
  const { law, next, budget, taken, resolvedBefore = null } = done;
  const found = await transaction(parts.database, async (tx: Database) => {
    const fresh = await keepFindings(tx, parts, { law: law.name, findings: taken.findings });
    if (resolvedBefore !== null) {
      const now = new Date(parts.clock.nowMs());
      await resolveFindings(tx, { law: law.name, beganAt: resolvedBefore, now });
    }
    await saveLawState(tx, next);
    return fresh;
  });
  budget.found += found;
  return next;
}

/** A law that cannot be read keeps no other from being read. */
async function withProblem(
  { database, clock, log }: RunnerParts,
  state: LawState,
  work: () => Promise<LawState>,
): Promise<LawState> {
  try {
    return await work();
  } catch (error) {
    log.error('books.law_failed', { law: state.name, error });
    const problem = error instanceof Error ? error.message.slice(0, 300) : 'unknown';
    // It begins anew later: its cursor may be what cannot be read.
    const at = new Date(clock.nowMs());
    const failed = { ...state, cursor: null, beganAt: null, examined: 0, steps: 0, problem };
    const next = { ...failed, lastEndedAt: at };
    await saveLawState(database, next);
    return next;
  }
}
