/** SQL of checks that somebody asked for. */
import { type Database, isUniqueViolation, sql } from '#platform/database.ts';
import type { Finding } from '#ledger/law.ts';

export type StoredCheck = Readonly<{
  id: string;
  state: 'running' | 'done' | 'failed';
  lawsDone: number;
  lawsTotal: number;
  law: string | null;
  examined: number;
  events: number;
  quarantined: number;
  findings: readonly Finding[];
  problem: string | null;
  startedAt: Date;
  endedAt: Date | null;
}>;

const columns = sql`id, state, laws_done as "lawsDone", laws_total as "lawsTotal", law, examined, events,
  quarantined, findings, problem, started_at as "startedAt", ended_at as "endedAt"`;

/** False while another one runs. */
export async function insertCheck(
  database: Database,
  check: Readonly<{ id: string; lawsTotal: number; startedBy: string | null; now: Date }>,
): Promise<boolean> {
  const { id, lawsTotal, startedBy, now } = check;
  try {
    await sql`insert into books_checks (id, state, laws_total, started_by, started_at, beat_at)
      values (${id}, 'running', ${lawsTotal}, ${startedBy}, ${now}, ${now})`.execute(database);
    return true;
  } catch (error) {
    if (isUniqueViolation(error, 'books_checks_running')) return false;
    throw error;
  }
}

/** Those whose control has not said anything for long: it is gone. */
export async function failSilentChecks(
  database: Database,
  request: Readonly<{ before: Date; now: Date }>,
): Promise<void> {
  await sql`update books_checks set state = 'failed', law = null, ended_at = ${request.now},
      problem = 'the control that ran it is gone'
    where state = 'running' and beat_at < ${request.before}`.execute(database);
}

/** False when it was given up meanwhile. */
export async function saveCheck(
  database: Database,
  check: Omit<StoredCheck, 'startedAt'> & Readonly<{ now: Date }>,
): Promise<boolean> {
  const { rows } = await sql`
    update books_checks set state = ${check.state}, laws_done = ${check.lawsDone}, law = ${check.law},
      examined = ${check.examined}, events = ${check.events}, quarantined = ${check.quarantined},
      findings = ${JSON.stringify(check.findings)}::jsonb, problem = ${check.problem},
      beat_at = ${check.now}, ended_at = ${check.endedAt}
    where id = ${check.id} and state = 'running' returning id`.execute(database);
  return rows.length > 0;
}

export async function selectCheck(database: Database, id: string): Promise<StoredCheck | null> {
  const { rows } = await sql<StoredCheck>`
    select ${columns} from books_checks where id = ${id}`.execute(database);
  return rows[0] ?? null;
}

export async function selectLastCheck(database: Database): Promise<StoredCheck | null> {
  const { rows } = await sql<StoredCheck>`
    select ${columns} from books_checks order by (state = 'running') desc, id desc limit 1`.execute(
    database,
  );
  return rows[0] ?? null;
}

/** Old ones say nothing any more. */
export async function deleteOldChecks(database: Database, keep: number): Promise<void> {
  await sql`delete from books_checks where state <> 'running' and id not in (
    select id from books_checks order by id desc limit ${keep})`.execute(database);
}
