/** SQL of the models that providers serve here. */
import { type Database, sql } from '#platform/database.ts';

export type ProviderModelRow = Readonly<{
  tenantId: string;
  id: string;
  providerId: string;
  modelId: string;
  modelName: string;
  upstreamModel: string;
  contextLength: number | null;
  capabilities: readonly string[];
  visibility: 'private' | 'public';
  createdAt: Date;
}>;

const columns = sql`tenant_id as "tenantId", id, provider_id as "providerId",
  model_id as "modelId", model_name as "modelName", upstream_model as "upstreamModel",
  context_length as "contextLength", capabilities, visibility, created_at as "createdAt"`;

export async function insertModel(database: Database, model: ProviderModelRow): Promise<void> {
  await sql`insert into provider_models (tenant_id, id, provider_id, model_id, model_name,
      upstream_model, context_length, capabilities, visibility, created_at)
    values (${model.tenantId}, ${model.id}, ${model.providerId}, ${model.modelId},
      ${model.modelName}, ${model.upstreamModel}, ${model.contextLength},
      ${model.capabilities}::text[], ${model.visibility}, ${model.createdAt})`.execute(database);
}

export async function selectModels(
  database: Database,
  query: Readonly<{ tenantId: string; providerIds: readonly string[] }>,
): Promise<readonly ProviderModelRow[]> {
  const { rows } = await sql<ProviderModelRow>`
    select ${columns} from provider_models
    where tenant_id = ${query.tenantId} and provider_id = any(${query.providerIds}::text[])
      and removed_at is null
    order by model_name`.execute(database);
  return rows;
}

export async function countModels(database: Database, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from provider_models
    where tenant_id = ${tenantId} and removed_at is null`.execute(database);
  return rows[0]?.count ?? 0;
}

export async function selectModel(
  database: Database,
  key: Readonly<{ tenantId: string; providerId: string; id: string }>,
): Promise<ProviderModelRow | null> {
  const { rows } = await sql<ProviderModelRow>`
    select ${columns} from provider_models
    where tenant_id = ${key.tenantId} and provider_id = ${key.providerId} and id = ${key.id}
      and removed_at is null`.execute(database);
  return rows[0] ?? null;
}

/** Of every tenant, for the feed and the price book. */
export async function selectServedModels(database: Database): Promise<readonly ProviderModelRow[]> {
  const { rows } = await sql<ProviderModelRow>`
    select ${columns} from provider_models where removed_at is null order by id`.execute(database);
  return rows;
}

export async function isModelServed(database: Database, modelId: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select 1 from provider_models
      where model_id = ${modelId} and removed_at is null) as found`.execute(database);
  return rows[0]?.found ?? false;
}

/** The id that a tenant's models of this name have, so that one name stays one model. */
export async function selectModelIdByName(
  database: Database,
  query: Readonly<{ tenantId: string; modelName: string }>,
): Promise<string | null> {
  const { rows } = await sql<{ modelId: string }>`
    select model_id as "modelId" from provider_models
    where tenant_id = ${query.tenantId} and model_name = ${query.modelName}
    order by removed_at is not null, created_at desc limit 1`.execute(database);
  return rows[0]?.modelId ?? null;
}

/** One, or all of a provider with `id` null. */
export async function removeModels(
  database: Database,
  key: Readonly<{ tenantId: string; providerId: string; id: string | null }>,
  at: Date,
): Promise<number> {
  const { numAffectedRows } = await sql`update provider_models set removed_at = ${at}
    where tenant_id = ${key.tenantId} and provider_id = ${key.providerId}
      and (${key.id}::text is null or id = ${key.id}::text) and removed_at is null`.execute(
    database,
  );
  return Number(numAffectedRows ?? 0n);
}
