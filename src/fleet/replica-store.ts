/** All SQL of replicas, nodes and the engines' logs. Private to the fleet, like store.ts. */
import { type Database, sql } from '#platform/database.ts';
import type { NodeRecord, ReplicaRecord } from './replica.ts';
import type { LogLine, NodeReport } from './sync.ts';

/** Kept per deployment: enough for a failed start with its stack, small enough to read whole. */
export const LOG_LINES_KEPT = 1000;

type ReplicaRow = Readonly<{
  id: string;
  deployment_id: string;
  node_id: string | null;
  state: ReplicaRecord['state'];
  reason: string | null;
  url: string | null;
  engine_key: string | null;
  upstream_model: string | null;
  context_length: number | null;
  parallel: number | null;
  capabilities: string[];
  restarts: number;
  progress: number | null;
  running: number;
  waiting: number;
  changed_at: Date;
}>;

const REPLICA_COLUMNS = sql`id, deployment_id, node_id, state, reason, url, engine_key, upstream_model,
  context_length, parallel, capabilities, restarts, progress, running, waiting, changed_at`;

function toReplica(row: ReplicaRow): ReplicaRecord {
  return {
    id: row.id,
    deploymentId: row.deployment_id,
    nodeId: row.node_id,
    state: row.state,
    reason: row.reason,
    url: row.url,
    engineKey: row.engine_key,
    upstreamModel: row.upstream_model,
    contextLength: row.context_length,
    parallel: row.parallel,
    capabilities: row.capabilities,
    restarts: row.restarts,
    progress: row.progress,
    running: row.running,
    waiting: row.waiting,
    changedAtMs: row.changed_at.getTime(),
  };
}

export async function listReplicas(database: Database): Promise<ReplicaRecord[]> {
  const { rows } =
    await sql<ReplicaRow>`select ${REPLICA_COLUMNS} from replicas order by id`.execute(database);
  return rows.map(toReplica);
}

export async function listReplicasOf(
  database: Database,
  deploymentIds: readonly string[],
): Promise<ReplicaRecord[]> {
  const { rows } = await sql<ReplicaRow>`select ${REPLICA_COLUMNS} from replicas
    where deployment_id = any(${[...deploymentIds]}::text[]) order by id`.execute(database);
  return rows.map(toReplica);
}

/** Locked until the transaction ends: a node's report and a plan must not interleave. */
export async function lockReplicasOnNode(tx: Database, nodeId: string): Promise<ReplicaRecord[]> {
  const { rows } = await sql<ReplicaRow>`select ${REPLICA_COLUMNS} from replicas
    where node_id = ${nodeId} order by id for update`.execute(tx);
  return rows.map(toReplica);
}

export async function insertReplica(
  database: Database,
  replica: Pick<ReplicaRecord, 'id' | 'deploymentId' | 'nodeId' | 'reason' | 'changedAtMs'>,
): Promise<void> {
  const at = new Date(replica.changedAtMs);
  await sql`insert into replicas (id, deployment_id, node_id, state, reason, created_at, changed_at)
    values (${replica.id}, ${replica.deploymentId}, ${replica.nodeId}, 'absent', ${replica.reason},
      ${at}, ${at})`.execute(database);
}

export async function updateReplica(database: Database, replica: ReplicaRecord): Promise<void> {
  const changedAt = new Date(replica.changedAtMs);
  await sql`update replicas set node_id = ${replica.nodeId}, state = ${replica.state},
      reason = ${replica.reason}, url = ${replica.url}, engine_key = ${replica.engineKey},
      upstream_model = ${replica.upstreamModel}, context_length = ${replica.contextLength},
      parallel = ${replica.parallel}, capabilities = ${[...replica.capabilities]}::text[],
      restarts = ${replica.restarts}, progress = ${replica.progress}, running = ${replica.running},
      waiting = ${replica.waiting}, changed_at = ${changedAt},
      ready_at = case when ${replica.state} = 'ready' then coalesce(ready_at, ${changedAt}) end
    where id = ${replica.id}`.execute(database);
}

export async function setReplicaState(
  database: Database,
  change: {
    replicaId: string;
    state: ReplicaRecord['state'];
    reason: string | null;
    nodeId?: string;
    at: Date;
  },
): Promise<void> {
  await sql`update replicas set state = ${change.state}, reason = ${change.reason},
      node_id = coalesce(${change.nodeId ?? null}, node_id), changed_at = ${change.at}
    where id = ${change.replicaId}`.execute(database);
}

export async function deleteReplica(database: Database, replicaId: string): Promise<void> {
  await sql`delete from replicas where id = ${replicaId}`.execute(database);
}

type NodeRow = Readonly<{
  id: string;
  name: string;
  region: string;
  zone: string;
  cores: number;
  memory_bytes: number;
  version: string;
  is_leaving: boolean;
  last_seen_at: Date;
}>;

export async function upsertNode(
  database: Database,
  node: { newId: string; report: NodeReport; at: Date },
): Promise<string> {
  const { report } = node;
  const { rows } = await sql<{ id: string }>`insert into nodes
      (id, name, region, zone, cores, memory_bytes, version, is_leaving, joined_at, last_seen_at)
    values (${node.newId}, ${report.name}, ${report.region}, ${report.zone}, ${report.cores},
      ${report.memoryBytes}, ${report.version}, ${report.isLeaving}, ${node.at}, ${node.at})
    on conflict (name) do update set region = excluded.region, zone = excluded.zone,
      cores = excluded.cores, memory_bytes = excluded.memory_bytes, version = excluded.version, is_leaving = excluded.is_leaving,
      last_seen_at = excluded.last_seen_at
    returning id`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error('an upsert returns its row');
  return row.id;
}

export async function touchNode(database: Database, node: { id: string; at: Date }): Promise<void> {
  await sql`update nodes set last_seen_at = ${node.at} where id = ${node.id}`.execute(database);
}

export async function listNodes(database: Database): Promise<NodeRecord[]> {
  const { rows } = await sql<NodeRow>`select id, name, region, zone, cores, memory_bytes, version,
    is_leaving, last_seen_at from nodes order by name`.execute(database);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    region: row.region,
    zone: row.zone,
    cores: row.cores,
    memoryBytes: row.memory_bytes,
    version: row.version,
    isLeaving: row.is_leaving,
    lastSeenAtMs: row.last_seen_at.getTime(),
  }));
}

/** Lines of replicas that no longer exist are dropped. */
export async function insertLogs(database: Database, logs: readonly LogLine[]): Promise<void> {
  await sql`insert into replica_logs (deployment_id, replica_id, logged_at, line)
    select r.deployment_id, r.id, l.logged_at, l.line
    from unnest(${logs.map(({ replicaId }) => replicaId)}::text[],
      ${logs.map(({ atMs }) => new Date(atMs))}::timestamptz[],
      ${logs.map(({ line }) => line)}::text[]) with ordinality as l (replica_id, logged_at, line, position)
    join replicas r on r.id = l.replica_id order by l.position`.execute(database);
  const ids = [...new Set(logs.map(({ replicaId }) => replicaId))];
  await sql`delete from replica_logs l using (
      select d.deployment_id, (select max(id) from replica_logs m
        where m.deployment_id = d.deployment_id) - ${LOG_LINES_KEPT}::bigint as last_id
      from (select distinct deployment_id from replicas where id = any(${ids}::text[])) d) old
    where l.deployment_id = old.deployment_id and l.id <= old.last_id`.execute(database);
}

export async function listLogs(
  database: Database,
  page: { deploymentId: string; afterId: number; limit: number },
): Promise<{ id: number; replicaId: string; at: Date; line: string }[]> {
  const { rows } = await sql<{
    id: number;
    replica_id: string;
    logged_at: Date;
    line: string;
  }>`select id, replica_id, logged_at, line from (
      select id, replica_id, logged_at, line from replica_logs
      where deployment_id = ${page.deploymentId} and id > ${page.afterId}
      order by id desc limit ${page.limit}) recent order by id`.execute(database);
  return rows.map((row) => ({
    id: row.id,
    replicaId: row.replica_id,
    at: row.logged_at,
    line: row.line,
  }));
}
