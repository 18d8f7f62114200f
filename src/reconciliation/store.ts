/** All SQL of what reconciliation keeps: who runs, how far each law is, what was found. */
import { type Database, sql } from '#platform/database.ts';
import type { Finding } from '#ledger/law.ts';

/** True when this control goes through the laws now: nobody does, or it did already. */
export async function holdRunner(
  database: Database,
  request: Readonly<{ holder: string; now: Date; until: Date }>,
): Promise<boolean> {
  const { holder, now, until } = request;
  const { rows } = await sql`
    insert into books_runner as kept (holder, held_until) values (${holder}, ${until})
    on conflict (is_only) do update set holder = excluded.holder, held_until = excluded.held_until
      where kept.holder = excluded.holder or kept.held_until < ${now}
    returning holder`.execute(database);
  return rows.length > 0;
}

/** So that another control need not wait until the hold runs out. */
export async function releaseRunner(database: Database, holder: string): Promise<void> {
  await sql`delete from books_runner where holder = ${holder}`.execute(database);
}

export type LawState = Readonly<{
  name: string;
  cursor: string | null;
  /** When the run under way began; null between runs. */
  beganAt: Date | null;
  examined: number;
  steps: number;
  lastBeganAt: Date | null;
  lastEndedAt: Date | null;
  lastExamined: number;
  lastSteps: number;
  recentAt: Date | null;
  problem: string | null;
}>;

export async function selectLawStates(database: Database): Promise<ReadonlyMap<string, LawState>> {
  const { rows } = await sql<LawState>`
    select name, cursor, began_at as "beganAt", examined, steps, last_began_at as "lastBeganAt",
      last_ended_at as "lastEndedAt", last_examined as "lastExamined", last_steps as "lastSteps",
      recent_at as "recentAt", problem
    from books_laws`.execute(database);
  return new Map(rows.map((row) => [row.name, row]));
}

export async function saveLawState(tx: Database, state: LawState): Promise<void> {
  await sql`
    insert into books_laws (name, cursor, began_at, examined, steps, last_began_at, last_ended_at,
      last_examined, last_steps, recent_at, problem)
    values (${state.name}, ${state.cursor}, ${state.beganAt}, ${state.examined}, ${state.steps},
      ${state.lastBeganAt}, ${state.lastEndedAt}, ${state.lastExamined}, ${state.lastSteps},
      ${state.recentAt}, ${state.problem})
    on conflict (name) do update set cursor = excluded.cursor, began_at = excluded.began_at,
      examined = excluded.examined, steps = excluded.steps,
      last_began_at = excluded.last_began_at, last_ended_at = excluded.last_ended_at,
      last_examined = excluded.last_examined, last_steps = excluded.last_steps,
      recent_at = excluded.recent_at, problem = excluded.problem`.execute(tx);
}

export type StoredFinding = Readonly<{
  law: string;
  says: string;
  subject: string;
  detail: string;
  firstSeenAt: Date;
  lastSeenAt: Date;
  resolvedAt: Date | null;
}>;

/** Open findings of one law; a fault of this size is looked at as a whole. */
const OPEN_PER_LAW_MAX = 500;

/** Keeps what was seen, and says which of it is new. */
export async function saveFindings(
  tx: Database,
  request: Readonly<{
    law: string;
    now: Date;
    findings: readonly (Finding & Readonly<{ id: string }>)[];
  }>,
): Promise<readonly Finding[]> {
  const { law, now, findings } = request;
  const { rows } = await sql<Readonly<{ says: string; subject: string; isNew: boolean }>>`
    insert into books_findings as kept (id, law, says, subject, detail, first_seen_at, last_seen_at)
    select id, ${law}, says, subject, detail, ${now}, ${now} from unnest(
      ${findings.map(({ id }) => id)}::text[],
      ${findings.map((finding) => finding.law)}::text[],
      ${findings.map(({ subject }) => subject)}::text[],
      ${findings.map(({ detail }) => detail)}::text[]
    ) as seen (id, says, subject, detail)
    where exists (select 1 from books_findings f where f.resolved_at is null and f.law = ${law}
        and f.says = seen.says and f.subject = seen.subject)
      or (select count(*) from books_findings f where f.resolved_at is null and f.law = ${law})
        < ${OPEN_PER_LAW_MAX}
    on conflict (law, says, subject) where resolved_at is null
      do update set detail = excluded.detail, last_seen_at = excluded.last_seen_at
    returning says, subject, id = any(${findings.map(({ id }) => id)}::text[]) as "isNew"`.execute(
    tx,
  );
  const fresh = new Set(
    rows.filter(({ isNew }) => isNew).map(({ says, subject }) => `${says}\n${subject}`),
  );
  return findings.filter((finding) => fresh.has(`${finding.law}\n${finding.subject}`));
}

/** Open findings that the operator does not know of, oldest first; none where it was told of others lately. */
export async function takeUntold(
  tx: Database,
  request: Readonly<{ now: Date; notSince: Date }>,
): Promise<readonly Finding[]> {
  const { rows } = await sql<Finding>`
    with told as (
      update books_findings set told_at = ${request.now}
      where told_at is null and resolved_at is null
        and not exists (select 1 from books_findings where told_at > ${request.notSince})
      returning id, says, subject, detail
    ) select says as law, subject, detail from told order by id`.execute(tx);
  return rows;
}

/** What a run over everything that began at this time has not seen any more. */
export async function resolveFindings(
  tx: Database,
  request: Readonly<{ law: string; beganAt: Date; now: Date }>,
): Promise<void> {
  await sql`update books_findings set resolved_at = ${request.now}
    where law = ${request.law} and resolved_at is null and last_seen_at < ${request.beganAt}`.execute(
    tx,
  );
}

export async function selectFindings(
  database: Database,
  query: Readonly<{ isOpen: boolean; limit: number }>,
): Promise<readonly StoredFinding[]> {
  const { rows } = await sql<StoredFinding>`
    select law, says, subject, detail, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt",
      resolved_at as "resolvedAt"
    from books_findings
    where (resolved_at is null) = ${query.isOpen}
    order by coalesce(resolved_at, first_seen_at) desc, id limit ${query.limit}`.execute(database);
  return rows;
}

export async function countOpenFindings(database: Database): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ law: string; findings: number }>`
    select law, count(*) as findings from books_findings
    where resolved_at is null group by 1`.execute(database);
  return new Map(rows.map(({ law, findings }) => [law, findings]));
}
