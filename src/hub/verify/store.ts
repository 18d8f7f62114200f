/** All SQL of the scrub: how far it is, what it found, checks that somebody asked for. */
import { type Database, isUniqueViolation, sql } from '#platform/database.ts';

export type ScrubState = Readonly<{
  cursor: string | null;
  beganAt: Date | null;
  objects: number;
  bytes: number;
  lastBeganAt: Date | null;
  lastEndedAt: Date | null;
  lastObjects: number;
  lastBytes: number;
  problem: string | null;
}>;

export async function selectScrub(database: Database): Promise<ScrubState> {
  const { rows } = await sql<ScrubState>`
    select cursor, began_at as "beganAt", objects, bytes, last_began_at as "lastBeganAt",
      last_ended_at as "lastEndedAt", last_objects as "lastObjects", last_bytes as "lastBytes", problem
    from hub_scrub`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error('The row of the scrub is gone.');
  return row;
}

/** True while this control is the one that reads. */
export async function holdScrub(
  database: Database,
  request: Readonly<{ holder: string; now: Date; until: Date }>,
): Promise<boolean> {
  const { holder, now, until } = request;
  const { rows } = await sql`
    update hub_scrub set holder = ${holder}, held_until = ${until}
    where holder is null or holder = ${holder} or held_until < ${now} returning 1`.execute(
    database,
  );
  return rows.length > 0;
}

export async function releaseScrub(database: Database, holder: string): Promise<void> {
  await sql`update hub_scrub set holder = null, held_until = null
    where holder = ${holder}`.execute(database);
}

export async function saveScrub(database: Database, state: ScrubState): Promise<void> {
  await sql`
    update hub_scrub set cursor = ${state.cursor}, began_at = ${state.beganAt},
      objects = ${state.objects}, bytes = ${state.bytes}, last_began_at = ${state.lastBeganAt},
      last_ended_at = ${state.lastEndedAt}, last_objects = ${state.lastObjects},
      last_bytes = ${state.lastBytes}, problem = ${state.problem}`.execute(database);
}

export type ObjectName = Readonly<{ kind: 'blob' | 'xorb' | 'object'; name: string }>;

export type Fault = Readonly<{
  object: ObjectName;
  says: 'damaged' | 'missing' | 'orphaned';
  detail: string;
  chunk: number | null;
  range: Readonly<{ start: number; end: number }> | null;
}>;

export type StoredFault = Fault &
  Readonly<{ id: string; firstSeenAt: Date; lastSeenAt: Date; resolvedAt: Date | null }>;

type FaultRow = Omit<StoredFault, 'object' | 'range'> &
  Readonly<{
    objectKind: ObjectName['kind'];
    objectName: string;
    rangeStart: number | null;
    rangeEnd: number | null;
  }>;

const FAULT = sql`
  select id, object_kind as "objectKind", object_name as "objectName", says, detail, chunk,
    range_start as "rangeStart", range_end as "rangeEnd", first_seen_at as "firstSeenAt",
    last_seen_at as "lastSeenAt", resolved_at as "resolvedAt"
  from hub_faults`;

function faultOf({ objectKind, objectName, rangeStart, rangeEnd, ...row }: FaultRow): StoredFault {
  const range =
    rangeStart === null || rangeEnd === null ? null : { start: rangeStart, end: rangeEnd };
  return { ...row, object: { kind: objectKind, name: objectName }, range };
}

/** Its id: the open one of the same object, or a new one. */
export async function saveFault(
  database: Database,
  fault: Fault & Readonly<{ id: string; now: Date }>,
): Promise<string> {
  const { object, range, now } = fault;
  const { rows } = await sql<{ id: string }>`
    insert into hub_faults (id, object_kind, object_name, says, detail, chunk, range_start, range_end,
      first_seen_at, last_seen_at)
    values (${fault.id}, ${object.kind}, ${object.name}, ${fault.says}, ${fault.detail}, ${fault.chunk},
      ${range?.start ?? null}, ${range?.end ?? null}, ${now}, ${now})
    on conflict (object_kind, object_name) where resolved_at is null do update
      set says = excluded.says, detail = excluded.detail, chunk = excluded.chunk,
        range_start = excluded.range_start, range_end = excluded.range_end,
        last_seen_at = excluded.last_seen_at
    returning id`.execute(database);
  return rows[0]?.id ?? fault.id;
}

/** This object is sound now. */
export async function resolveFault(
  database: Database,
  object: ObjectName,
  now: Date,
): Promise<void> {
  await sql`update hub_faults set resolved_at = ${now}
    where resolved_at is null and object_kind = ${object.kind} and object_name = ${object.name}`.execute(
    database,
  );
}

/** Objects that a run over everything, begun at this time, has not met: they are gone. */
export async function resolveUnseen(database: Database, beganAt: Date, now: Date): Promise<void> {
  await sql`update hub_faults set resolved_at = ${now}
    where resolved_at is null and last_seen_at < ${beganAt}`.execute(database);
}

export async function selectFaults(
  database: Database,
  query: Readonly<{ isOpen: boolean; limit: number }>,
): Promise<readonly StoredFault[]> {
  const { rows } = await sql<FaultRow>`
    ${FAULT} where (resolved_at is null) = ${query.isOpen}
    order by coalesce(resolved_at, first_seen_at) desc, id limit ${query.limit}`.execute(database);
  return rows.map((row) => faultOf(row));
}

export async function selectFaultsByIds(
  database: Database,
  ids: readonly string[],
): Promise<readonly StoredFault[]> {
  const { rows } = await sql<FaultRow>`
    ${FAULT} where id = any(${ids}::text[]) order by id`.execute(database);
  return rows.map((row) => faultOf(row));
}

export async function countOpenFaults(database: Database): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ says: string; faults: number }>`
    select says, count(*)::int as faults from hub_faults
    where resolved_at is null group by 1`.execute(database);
  return new Map(rows.map(({ says, faults }) => [says, faults]));
}

/** Open ones that cost somebody bytes and that the operator was not told of; marks them as told. */
export async function takeUntold(tx: Database, now: Date): Promise<readonly StoredFault[]> {
  const { rows } = await sql<FaultRow>`
    with told as (
      update hub_faults set told_at = ${now}
      where told_at is null and resolved_at is null and says <> 'orphaned' returning id
    ) ${FAULT} where id in (select id from told) order by id`.execute(tx);
  return rows.map((row) => faultOf(row));
}

export type StoredCheck = Readonly<{
  id: string;
  state: 'running' | 'done' | 'failed';
  repositoryId: string | null;
  objects: number;
  bytes: number;
  faultIds: readonly string[];
  problem: string | null;
  startedAt: Date;
  endedAt: Date | null;
}>;

const CHECK = sql`
  select id, state, repository_id as "repositoryId", objects, bytes, fault_ids as "faultIds", problem,
    started_at as "startedAt", ended_at as "endedAt" from hub_checks`;

/** False while another one runs. */
export async function insertCheck(
  database: Database,
  check: Readonly<{
    id: string;
    repositoryId: string | null;
    startedBy: string | null;
    now: Date;
  }>,
): Promise<boolean> {
  try {
    await sql`
      insert into hub_checks (id, state, repository_id, started_by, started_at, beat_at)
      values (${check.id}, 'running', ${check.repositoryId}, ${check.startedBy}, ${check.now},
        ${check.now})`.execute(database);
    return true;
  } catch (error) {
    if (isUniqueViolation(error, 'hub_checks_running')) return false;
    throw error;
  }
}

export async function saveCheck(
  database: Database,
  check: Omit<StoredCheck, 'startedAt' | 'repositoryId'> & Readonly<{ now: Date }>,
): Promise<void> {
  await sql`
    update hub_checks set state = ${check.state}, objects = ${check.objects}, bytes = ${check.bytes},
      fault_ids = ${check.faultIds}, problem = ${check.problem}, beat_at = ${check.now},
      ended_at = ${check.endedAt}
    where id = ${check.id} and state = 'running'`.execute(database);
}

/** Those whose control has not said anything since: it is gone. */
export async function failSilentChecks(database: Database, before: Date, now: Date): Promise<void> {
  await sql`
    update hub_checks set state = 'failed', ended_at = ${now},
      problem = 'the control that ran it is gone'
    where state = 'running' and beat_at < ${before}`.execute(database);
}

export async function selectCheck(
  database: Database,
  id: string | null,
): Promise<StoredCheck | null> {
  const { rows } = await sql<StoredCheck>`
    ${CHECK} where ${id}::text is null or id = ${id}
    order by (state = 'running') desc, id desc limit 1`.execute(database);
  return rows[0] ?? null;
}
