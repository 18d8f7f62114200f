/** SQL over what webhooks watch, and which of them may hear of something. */
import { type Database, sql } from '#platform/database.ts';

export type WatchDomain = 'repo' | 'discussion';

export type Watched = Readonly<{
  type: 'model' | 'dataset' | 'space' | 'org' | 'user';
  name: string;
}>;

export type WatchRow = Watched & Readonly<{ webhookId: string; domains: readonly WatchDomain[] }>;

export async function replaceWatches(
  tx: Database,
  { tenantId, webhookId }: Readonly<{ tenantId: string; webhookId: string }>,
  watched: readonly Watched[],
  domains: readonly WatchDomain[],
): Promise<void> {
  await sql`
    delete from hub_watches where tenant_id = ${tenantId} and webhook_id = ${webhookId}`.execute(
    tx,
  );
  await sql`
    insert into hub_watches (tenant_id, webhook_id, kind, name, domains)
    select distinct ${tenantId}, ${webhookId}, kind, lower(name), ${domains}::text[]
    from unnest(${watched.map(({ type }) => type)}::text[], ${watched.map(({ name }) => name)}::text[])
      as w (kind, name)`.execute(tx);
}

export async function selectWatches(
  database: Database,
  tenantId: string,
): Promise<readonly WatchRow[]> {
  const { rows } = await sql<WatchRow>`
    select webhook_id as "webhookId", kind as type, name, domains from hub_watches
    where tenant_id = ${tenantId} order by webhook_id, kind, name`.execute(database);
  return rows;
}

/**
 * Webhooks that watch a repository by its name or its owner, of tenants that may see it as it is now. The
 * repository's tenant decides who sees it, not who watches.
 */
export async function selectWatchers(
  tx: Database,
  about: Readonly<{
    modelId: string;
    kind: string;
    owner: string;
    name: string;
    domain: WatchDomain;
    limit: number;
  }>,
): Promise<readonly Readonly<{ tenantId: string; webhookId: string }>[]> {
  const owner = about.owner.toLowerCase();
  const { rows } = await sql<{ tenantId: string; webhookId: string }>`
    select distinct w.tenant_id as "tenantId", w.webhook_id as "webhookId"
    from hub_watches w join models m on m.id = ${about.modelId}
    where ((w.kind = ${about.kind} and w.name = ${`${owner}/${about.name.toLowerCase()}`})
        or (w.kind in ('org', 'user') and w.name = ${owner}))
      and ${about.domain} = any(w.domains)
      and (m.visibility in ('public', 'internal') or m.tenant_id = w.tenant_id
        or exists (select 1 from repository_grants g
          where g.grantee_tenant_id = w.tenant_id and g.model_id = m.id))
    order by w.tenant_id, w.webhook_id limit ${about.limit}`.execute(tx);
  return rows;
}
