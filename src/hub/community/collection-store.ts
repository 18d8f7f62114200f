/** SQL over collections and what is in them. Reads say what a tenant may see; writes name the owner. */
import { type Database, sql } from '#platform/database.ts';
import type { RepositoryKind } from '../api.ts';
import { visibleTo } from '../store.ts';

export type CollectionRow = Readonly<{
  tenantId: string;
  id: string;
  owner: string;
  title: string;
  description: string;
  isPrivate: boolean;
  theme: string;
  position: number;
  updatedAt: Date;
}>;

export type ItemRow = Readonly<{
  id: string;
  collectionId: string;
  kind: RepositoryKind | 'collection';
  /** The repository's or the collection's own id. */
  targetId: string;
  /** `owner/name`; of a collection `owner`. */
  name: string;
  title: string;
  note: string;
  position: number;
}>;

export type CollectionKey = Readonly<{ tenantId: string; id: string }>;

const COLLECTION = sql`c.tenant_id as "tenantId", c.id, c.owner, c.title, c.description,
  c.is_private as "isPrivate", c.theme, c.position, c.updated_at as "updatedAt"`;

const shownTo = (tenantId: string) => sql`(not c.is_private or c.tenant_id = ${tenantId})`;

export async function insertCollection(
  tx: Database,
  row: CollectionRow & Readonly<{ createdAt: Date }>,
): Promise<void> {
  await sql`
    insert into collections (tenant_id, id, owner, title, description, is_private, theme, position,
      created_at, updated_at)
    values (${row.tenantId}, ${row.id}, ${row.owner}, ${row.title}, ${row.description},
      ${row.isPrivate}, ${row.theme}, ${row.position}, ${row.createdAt}, ${row.createdAt})`.execute(
    tx,
  );
}

export async function selectCollection(
  database: Database,
  viewerTenantId: string,
  id: string,
): Promise<CollectionRow | null> {
  const { rows } = await sql<CollectionRow>`select ${COLLECTION} from collections c
    where c.id = ${id} and ${shownTo(viewerTenantId)}`.execute(database);
  return rows[0] ?? null;
}

/** Those of one tenant; locks the tenant's row, so that two cannot both take the last place or one title. */
export async function selectOwnLocked(
  tx: Database,
  tenantId: string,
): Promise<readonly CollectionRow[]> {
  await sql`select 1 from tenants where id = ${tenantId} for no key update`.execute(tx);
  const { rows } = await sql<CollectionRow>`select ${COLLECTION} from collections c
    where c.tenant_id = ${tenantId} order by c.position, c.id`.execute(tx);
  return rows;
}

export type CollectionFilter = Readonly<{
  owners: readonly string[];
  /** Those that hold one of these repositories or collections. */
  holding: readonly string[] | null;
  start: number;
  limit: number;
}>;

export async function selectCollections(
  database: Database,
  viewerTenantId: string,
  { owners, holding, start, limit }: CollectionFilter,
): Promise<readonly CollectionRow[]> {
  const lower = owners.map((owner) => owner.toLowerCase());
  const { rows } = await sql<CollectionRow>`
    select ${COLLECTION} from collections c
    where ${shownTo(viewerTenantId)}
      and (${lower.length === 0} or lower(c.owner) = any(${lower}::text[]))
      and (${holding === null} or exists (
        select 1 from collection_items i
        where i.tenant_id = c.tenant_id and i.collection_id = c.id
          and coalesce(i.model_id, i.other_collection_id) = any(${holding ?? []}::text[])))
    order by c.updated_at desc, c.id limit ${limit} offset ${start}`.execute(database);
  return rows;
}

export async function updateCollection(
  tx: Database,
  { tenantId, id }: CollectionKey,
  change: Readonly<{
    title: string | null;
    description: string | null;
    isPrivate: boolean | null;
    theme: string | null;
    position: number | null;
    at: Date;
  }>,
): Promise<void> {
  await sql`
    update collections set title = coalesce(${change.title}, title),
      description = coalesce(${change.description}, description),
      is_private = coalesce(${change.isPrivate}, is_private),
      theme = coalesce(${change.theme}, theme), position = coalesce(${change.position}, position),
      updated_at = ${change.at}
    where tenant_id = ${tenantId} and id = ${id}`.execute(tx);
}

export async function deleteCollection(
  tx: Database,
  { tenantId, id }: CollectionKey,
): Promise<void> {
  await sql`delete from collections where tenant_id = ${tenantId} and id = ${id}`.execute(tx);
}

/** What of them the viewer may see, in order; where others may not, they do not show. */
export async function selectItems(
  database: Database,
  viewerTenantId: string,
  collectionIds: readonly string[],
): Promise<readonly ItemRow[]> {
  const { rows } = await sql<ItemRow>`
    select i.id, i.collection_id as "collectionId", m.kind, m.id as "targetId",
      m.owner || '/' || m.name as name, m.owner || '/' || m.name as title, i.note, i.position
    from collection_items i join models m on m.id = i.model_id
    where i.collection_id = any(${collectionIds}::text[]) and ${visibleTo(viewerTenantId)}
    union all
    select i.id, i.collection_id, 'collection', c.id, c.owner, c.title, i.note, i.position
    from collection_items i join collections c on c.id = i.other_collection_id
    where i.collection_id = any(${collectionIds}::text[]) and ${shownTo(viewerTenantId)}
    order by position, id`.execute(database);
  return rows;
}

/** Locks the collection; its items' ids in order, also of those that its owner no longer sees. */
export async function lockItems(
  tx: Database,
  { tenantId, id }: CollectionKey,
): Promise<readonly Readonly<{ id: string; targetId: string }>[] | null> {
  const locked = await sql`
    select 1 from collections where tenant_id = ${tenantId} and id = ${id} for update`.execute(tx);
  if (locked.rows.length === 0) return null;
  const { rows } = await sql<{ id: string; targetId: string }>`
    select id, coalesce(model_id, other_collection_id) as "targetId" from collection_items
    where tenant_id = ${tenantId} and collection_id = ${id} order by position, id`.execute(tx);
  return rows;
}

export async function insertItem(
  tx: Database,
  { tenantId, id: collectionId }: CollectionKey,
  item: Readonly<{
    id: string;
    modelId: string | null;
    otherCollectionId: string | null;
    note: string;
    position: number;
  }>,
): Promise<void> {
  await sql`
    insert into collection_items (tenant_id, collection_id, id, model_id, other_collection_id, note,
      position)
    values (${tenantId}, ${collectionId}, ${item.id}, ${item.modelId}, ${item.otherCollectionId},
      ${item.note}, ${item.position})`.execute(tx);
}

/** Puts all items into this order. */
export async function reorderItems(
  tx: Database,
  { tenantId, id }: CollectionKey,
  itemIds: readonly string[],
): Promise<void> {
  await sql`
    update collection_items i set position = o.place - 1
    from unnest(${itemIds}::text[]) with ordinality as o (item_id, place)
    where i.tenant_id = ${tenantId} and i.collection_id = ${id} and i.id = o.item_id`.execute(tx);
}

export async function updateNote(
  tx: Database,
  { tenantId, id }: CollectionKey,
  itemId: string,
  note: string,
): Promise<void> {
  await sql`
    update collection_items set note = ${note}
    where tenant_id = ${tenantId} and collection_id = ${id} and id = ${itemId}`.execute(tx);
}

export async function deleteItem(
  tx: Database,
  { tenantId, id }: CollectionKey,
  itemId: string,
): Promise<void> {
  await sql`
    delete from collection_items
    where tenant_id = ${tenantId} and collection_id = ${id} and id = ${itemId}`.execute(tx);
}

export async function touchCollection(
  tx: Database,
  { tenantId, id }: CollectionKey,
  at: Date,
): Promise<void> {
  await sql`
    update collections set updated_at = ${at} where tenant_id = ${tenantId} and id = ${id}`.execute(
    tx,
  );
}
