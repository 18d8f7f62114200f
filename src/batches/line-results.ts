/** Writes down what came back from calls; inside a transaction that holds the batch. */
import type { Database } from '#platform/database.ts';
import { addCounts } from './batch-store.ts';
import {
  type Again,
  type WaitingLine,
  endLines,
  markLinesUnsure,
  putLinesBack,
} from './line-store.ts';
import type { Verdict } from './verdict.ts';

export type Returned = Readonly<{
  line: number;
  failures: number;
  again: Again | null;
  verdict: Verdict;
}>;

export async function writeReturned(
  tx: Database,
  batch: Readonly<{ tenantId: string; id: string }>,
  returned: readonly Returned[],
  nowMs: number,
): Promise<void> {
  const done = returned.flatMap(({ line, verdict }) =>
    verdict.kind === 'done' ? [{ line, status: verdict.status, answer: verdict.body }] : [],
  );
  if (done.length > 0) {
    await endLines(tx, batch, done);
    const completed = done.filter(({ status }) => status === 200).length;
    await addCounts(tx, batch, { completed, failed: done.length - completed });
  }
  const back = returned.flatMap((each) => waitingAgain(each, nowMs) ?? []);
  if (back.length > 0) await putLinesBack(tx, batch, back);
  const unsure = returned.filter(isUnsure);
  if (unsure.length > 0) await markLinesUnsure(tx, batch, unsure, new Date(nowMs));
}

function waitingAgain(
  { line, failures, again, verdict }: Returned,
  nowMs: number,
): WaitingLine | null {
  if (verdict.kind === 'untried') {
    const notBefore = new Date(nowMs + verdict.pauseMs);
    return { line, failures, again, notBefore, isUntried: true };
  }
  if (verdict.kind === 'again' && again !== 'unknown') {
    const notBefore = new Date(nowMs + verdict.pauseMs);
    return { line, failures: verdict.failures, again, notBefore };
  }
  // What is paid for stays so, however its second call ends.
  if (verdict.kind === 'unsure' && again === 'charged') {
    return { line, failures, again, notBefore: new Date(nowMs) };
  }
  return null;
}

/** Where the first call may yet turn up on the books, a refusal of the second decides nothing. */
function isUnsure({ again, verdict }: Returned): boolean {
  if (verdict.kind === 'unsure') return again !== 'charged';
  return verdict.kind === 'again' && again === 'unknown';
}
