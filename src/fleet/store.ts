/** All SQL of deployments; replicas, nodes and logs are in replica-store.ts. */
import { type Database, sql } from '#platform/database.ts';
import { type DeploymentRecord, type DeploymentWeights, NO_WEIGHTS } from './replica.ts';

/** Any constant will do; it only has to be the same in every control. */
const RECONCILE_LOCK = 7_365_210;

/** True when this transaction is the only one that plans now; released at its end. */
export async function tryReconcileLock(tx: Database): Promise<boolean> {
  const { rows } = await sql<{
    locked: boolean;
  }>`select pg_try_advisory_xact_lock(${RECONCILE_LOCK}) as locked`.execute(tx);
  return rows[0]?.locked === true;
}

/**
 * Locks all that a plan may change, in one order. Without it a plan and a report could each wait for
 * a row of the other, because both also move the feed's version.
 */
export async function lockFleet(tx: Database): Promise<void> {
  await sql`select id from deployments where removed_at is null order by id for update`.execute(tx);
  await sql`select id from replicas order by id for update`.execute(tx);
}

type DeploymentRow = Readonly<{
  tenant_id: string;
  id: string;
  model_name: string;
  model_id: string;
  revision_id: string;
  engine: 'llama' | 'openai';
  replicas_min: number;
  replicas_max: number;
  replicas_wanted: number;
  parallel: number;
  context_length: number | null;
  base_url: string | null;
  upstream_model: string | null;
  weights: DeploymentWeights | null;
  replica_bytes: number;
  last_wanted_at: Date;
  scaled_at: Date;
  created_at: Date;
  removed_at: Date | null;
}>;

const DEPLOYMENT_COLUMNS = sql`tenant_id, id, model_name, model_id, revision_id, engine, replicas_min,
  replicas_max, replicas_wanted, parallel, context_length, base_url, upstream_model, weights,
  replica_bytes, last_wanted_at, scaled_at, created_at, removed_at`;

function toDeployment(row: DeploymentRow): DeploymentRecord {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    modelName: row.model_name,
    modelId: row.model_id,
    revisionId: row.revision_id,
    engine: row.engine,
    replicasMin: row.replicas_min,
    replicasMax: row.replicas_max,
    replicasWanted: row.replicas_wanted,
    parallel: row.parallel,
    contextLength: row.context_length,
    baseUrl: row.base_url,
    upstreamModel: row.upstream_model,
    weights: row.weights ?? NO_WEIGHTS,
    replicaBytes: row.replica_bytes,
    lastWantedAtMs: row.last_wanted_at.getTime(),
    scaledAtMs: row.scaled_at.getTime(),
    createdAtMs: row.created_at.getTime(),
    isRemoved: row.removed_at !== null,
  };
}

export async function insertDeployment(
  database: Database,
  deployment: DeploymentRecord,
): Promise<void> {
  const at = new Date(deployment.createdAtMs);
  await sql`insert into deployments (tenant_id, id, model_name, model_id, revision_id, engine,
      replicas_min, replicas_max, replicas_wanted, parallel, context_length, base_url, upstream_model,
      weights, replica_bytes, last_wanted_at, scaled_at, created_at)
    values (${deployment.tenantId}, ${deployment.id}, ${deployment.modelName}, ${deployment.modelId},
      ${deployment.revisionId}, ${deployment.engine}, ${deployment.replicasMin},
      ${deployment.replicasMax}, ${deployment.replicasWanted}, ${deployment.parallel},
      ${deployment.contextLength}, ${deployment.baseUrl}, ${deployment.upstreamModel},
      ${JSON.stringify(deployment.weights)}::jsonb, ${deployment.replicaBytes}, ${at}, ${at}, ${at})`.execute(
    database,
  );
}

/** The tenant's live deployments after `afterId`, in order of creation. */
export async function listDeployments(
  database: Database,
  page: { tenantId: string; afterId: string; limit: number },
): Promise<DeploymentRecord[]> {
  const { rows } = await sql<DeploymentRow>`select ${DEPLOYMENT_COLUMNS} from deployments
    where tenant_id = ${page.tenantId} and removed_at is null and id > ${page.afterId}
    order by id limit ${page.limit}`.execute(database);
  return rows.map(toDeployment);
}

export async function findDeployment(
  database: Database,
  key: { tenantId: string; id: string },
): Promise<DeploymentRecord | null> {
  const { rows } = await sql<DeploymentRow>`select ${DEPLOYMENT_COLUMNS} from deployments
    where tenant_id = ${key.tenantId} and id = ${key.id} and removed_at is null`.execute(database);
  return rows[0] === undefined ? null : toDeployment(rows[0]);
}

export async function countDeployments(database: Database, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from deployments
    where tenant_id = ${tenantId} and removed_at is null`.execute(database);
  return rows[0]?.count ?? 0;
}

/** Whether another model is already served under this name. */
export async function isNameTaken(
  database: Database,
  name: { modelName: string; modelId: string },
): Promise<boolean> {
  const { rows } = await sql`select 1 from deployments
    where model_name = ${name.modelName} and removed_at is null and model_id <> ${name.modelId}
    limit 1`.execute(database);
  return rows.length > 0;
}

export async function isModelDeployed(database: Database, modelId: string): Promise<boolean> {
  const { rows } = await sql`select 1 from deployments
    where model_id = ${modelId} and removed_at is null limit 1`.execute(database);
  return rows.length > 0;
}

/** Live ones of every tenant, and removed ones whose replicas have not all stopped. */
export async function listServedDeployments(database: Database): Promise<DeploymentRecord[]> {
  const { rows } = await sql<DeploymentRow>`select ${DEPLOYMENT_COLUMNS} from deployments d
    where removed_at is null
      or exists (select 1 from replicas r where r.deployment_id = d.id) order by id`.execute(
    database,
  );
  return rows.map(toDeployment);
}

export async function removeDeployment(
  database: Database,
  key: { tenantId: string; id: string; at: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`update deployments set removed_at = ${key.at}
    where tenant_id = ${key.tenantId} and id = ${key.id} and removed_at is null`.execute(database);
  return numAffectedRows === 1n;
}

export async function setWanted(
  database: Database,
  change: { deploymentId: string; wanted: number; at: Date },
): Promise<void> {
  await sql`update deployments set replicas_wanted = ${change.wanted}, scaled_at = ${change.at}
    where id = ${change.deploymentId}`.execute(database);
}

/** Somebody asks for it: at least one replica is wanted from now on. False when there is none such. */
export async function wakeDeployment(
  database: Database,
  change: { deploymentId: string; at: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`update deployments
    set last_wanted_at = ${change.at}, replicas_wanted = greatest(1, replicas_wanted),
      scaled_at = case when replicas_wanted = 0 then ${change.at} else scaled_at end
    where id = ${change.deploymentId} and removed_at is null`.execute(database);
  return numAffectedRows === 1n;
}

export async function touchDeployments(
  database: Database,
  change: { replicaIds: readonly string[]; at: Date },
): Promise<void> {
  await sql`update deployments set last_wanted_at = ${change.at} where id in
    (select deployment_id from replicas where id = any(${[...change.replicaIds]}::text[]))`.execute(
    database,
  );
}
