/** SQL over likes: who likes which repository, and how many do. */
import { type Database, sql } from '#platform/database.ts';
import type { RepositoryKind } from '../api.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import { visibleTo } from '../store.ts';

export type Liker = Readonly<{ tenantId: string; name: string; likedAt: Date }>;
export type LikedRepository = Readonly<{ kind: RepositoryKind; name: string; likedAt: Date }>;

/** False when it did already. */
export async function insertLike(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  liker: Liker,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into repository_likes (tenant_id, model_id, liker_tenant_id, liker_name, created_at)
    values (${tenantId}, ${modelId}, ${liker.tenantId}, ${liker.name}, ${liker.likedAt})
    on conflict do nothing`.execute(tx);
  return numAffectedRows === 1n;
}

export async function deleteLike(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  likerTenantId: string,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from repository_likes
    where tenant_id = ${tenantId} and model_id = ${modelId}
      and liker_tenant_id = ${likerTenantId}`.execute(tx);
  return numAffectedRows === 1n;
}

export async function changeCount(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  by: 1 | -1,
): Promise<void> {
  await sql`
    insert into repository_like_counts (tenant_id, model_id, likes)
    values (${tenantId}, ${modelId}, ${Math.max(by, 0)})
    on conflict (tenant_id, model_id) do update
      set likes = repository_like_counts.likes + ${by}`.execute(tx);
}

export async function selectLiked(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  likerTenantId: string,
): Promise<Readonly<{ likes: number; isLiked: boolean }>> {
  const { rows } = await sql<{ likes: number; isLiked: boolean }>`
    select
      coalesce((select likes from repository_like_counts
        where tenant_id = ${tenantId} and model_id = ${modelId}), 0) as likes,
      exists (select 1 from repository_likes
        where tenant_id = ${tenantId} and model_id = ${modelId}
          and liker_tenant_id = ${likerTenantId}) as "isLiked"`.execute(database);
  return rows[0] ?? { likes: 0, isLiked: false };
}

/** By the time they liked it, in pages after the last one's tenant. */
export async function selectLikers(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  page: Readonly<{ after: string | null; limit: number }>,
): Promise<readonly Liker[]> {
  const { rows } = await sql<Liker>`
    select liker_tenant_id as "tenantId", liker_name as name, created_at as "likedAt"
    from repository_likes
    where tenant_id = ${tenantId} and model_id = ${modelId}
      and (${page.after}::text is null or liker_tenant_id > ${page.after})
    order by liker_tenant_id limit ${page.limit}`.execute(database);
  return rows;
}

/** What an account likes, as far as another may see it, the newest first. */
export async function selectLikedRepositories(
  database: Database,
  query: Readonly<{
    likerTenantId: string;
    viewerTenantId: string;
    start: number;
    limit: number;
  }>,
): Promise<readonly LikedRepository[]> {
  const { rows } = await sql<LikedRepository>`
    select m.kind, m.owner || '/' || m.name as name, l.created_at as "likedAt"
    from repository_likes l join models m on m.tenant_id = l.tenant_id and m.id = l.model_id
    where l.liker_tenant_id = ${query.likerTenantId} and ${visibleTo(query.viewerTenantId)}
    order by l.created_at desc, m.id limit ${query.limit} offset ${query.start}`.execute(database);
  return rows;
}

/** Under the account's lock, so that two likes cannot both be the last one. */
export async function countLikesLocked(tx: Database, likerTenantId: string): Promise<number> {
  await sql`select 1 from tenants where id = ${likerTenantId} for no key update`.execute(tx);
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from repository_likes
    where liker_tenant_id = ${likerTenantId}`.execute(tx);
  return rows[0]?.count ?? 0;
}
