/**
 * Collections: repositories and other collections, gathered under a title and kept in an order. Promises
 * that each reader sees of one only what that reader may see anyway, and that an address goes on leading
 * there when the title changes, since what counts of it is the id at its end.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { requirePermission } from '#tenancy/principal.ts';
import type { RepositoryKind } from '../api.ts';
import { failHub } from '../errors.ts';
import { parseModelName } from '../name.ts';
import type { Viewer } from '../repositories/access.ts';
import { selectNamespace } from '../repositories/namespace-store.ts';
import { selectRepository } from '../repositories/repository-store.ts';
import {
  type CollectionFilter,
  type CollectionRow,
  deleteCollection,
  deleteItem,
  insertCollection,
  insertItem,
  lockItems,
  reorderItems,
  selectCollection,
  selectCollections,
  selectItems,
  selectOwnLocked,
  touchCollection,
  updateCollection,
  updateNote,
} from './collection-store.ts';
import { failCommunity } from './errors.ts';
import { THEMES, type Collection, type CollectionItem } from './shapes.ts';
import { idOfSlug, slugOf } from './slug.ts';

export type CollectionCreate = Readonly<{
  owner: string;
  title: string;
  description: string;
  isPrivate: boolean;
}>;

export type CollectionChange = Readonly<{
  title?: string | undefined;
  description?: string | undefined;
  isPrivate?: boolean | undefined;
  theme?: string | undefined;
  position?: number | undefined;
}>;

export type ItemAsked = Readonly<{
  kind: RepositoryKind | 'collection';
  /** `owner/name`, or the slug of a collection. */
  name: string;
  note: string;
}>;

export type CollectionQuery = Omit<CollectionFilter, 'holding'> &
  Readonly<{ item: Pick<ItemAsked, 'kind' | 'name'> | null }>;

/** Each raises `collection.unknown`; what changes one also `model.not_yours` for whom it does not belong to. */
export interface Collections {
  list(viewer: Viewer, query: CollectionQuery): Promise<readonly Collection[]>;
  get(viewer: Viewer, slug: string): Promise<Collection>;
  /** Null makes it, a slug is the one of this title that there is. Raises `namespace.not_yours`, `collection.too_many`. */
  create(
    viewer: Viewer,
    asked: CollectionCreate,
  ): Promise<Readonly<{ isNew: boolean; collection: Collection }>>;
  update(viewer: Viewer, slug: string, change: CollectionChange): Promise<Collection>;
  remove(viewer: Viewer, slug: string): Promise<void>;
  /** Raises `collection.item_exists`, `collection.item_unknown` for what the viewer does not see. */
  add(viewer: Viewer, slug: string, item: ItemAsked): Promise<Collection>;
  updateItem(
    viewer: Viewer,
    slug: string,
    itemId: string,
    change: Readonly<{ note?: string | undefined; position?: number | undefined }>,
  ): Promise<Collection>;
  removeItem(viewer: Viewer, slug: string, itemId: string): Promise<Collection>;
}

const PER_TENANT_MAX = 500;
const ITEMS_MAX = 500;
/** In lists, as the original hub shows. */
const ITEMS_LISTED = 4;
const ID_BYTES = 12;

type Parts = Readonly<{ database: Database; clock: Clock }>;

export function createCollections(parts: Parts): Collections {
  const { database, clock } = parts;
  const find = async (viewer: Viewer, slug: string) => {
    const id = idOfSlug(slug);
    const row = id === null ? null : await selectCollection(database, viewer.tenantId, id);
    if (row === null) throw unknown(slug);
    return row;
  };
  const get = async (viewer: Viewer, slug: string) => {
    const row = await find(viewer, slug);
    return present(viewer, row, await selectItems(database, viewer.tenantId, [row.id]));
  };
  const own = async (viewer: Viewer, slug: string) => {
    const row = await find(viewer, slug);
    if (viewer.principal !== null && row.tenantId === viewer.tenantId) {
      requirePermission(viewer.principal, 'model.write');
      return row;
    }
    throw failHub('model.not_yours', 'This collection belongs to someone else.');
  };
  return {
    list: (viewer, query) => list(parts, viewer, query),
    get,
    create: (viewer, asked) => create(parts, viewer, asked),
    update: async (viewer, slug, asked) => {
      const row = await own(viewer, slug);
      const { title, description, isPrivate, position } = asked;
      const theme = THEMES.find((known) => known === asked.theme) ?? null;
      await updateCollection(database, row, {
        title: title ?? null,
        description: description ?? null,
        isPrivate: isPrivate ?? null,
        position: position ?? null,
        theme,
        at: new Date(clock.nowMs()),
      });
      return get(viewer, slug);
    },
    remove: async (viewer, slug) => deleteCollection(database, await own(viewer, slug)),
    ...itemChanges(parts, own, get),
  };
}

type Own = (viewer: Viewer, slug: string) => Promise<CollectionRow>;

/** What is in one changes under its lock. */
function itemChanges(
  { database, clock }: Parts,
  own: Own,
  get: Collections['get'],
): Pick<Collections, 'add' | 'updateItem' | 'removeItem'> {
  const change = async (
    viewer: Viewer,
    slug: string,
    work: (tx: Database, row: CollectionRow, items: Held) => Promise<void>,
  ) => {
    const row = await own(viewer, slug);
    await transaction(database, async (tx) => {
      const items = await lockItems(tx, row);
      if (items === null) throw unknown(slug);
      await work(tx, row, items);
      await touchCollection(tx, row, new Date(clock.nowMs()));
    });
    return get(viewer, slug);
  };
  return {
    add: (viewer, slug, item) =>
      change(viewer, slug, (tx, row, items) => addItem(tx, { viewer, row, items, item })),
    updateItem: (viewer, slug, itemId, { note, position }) =>
      change(viewer, slug, async (tx, row, items) => {
        const others = withoutItem(items, itemId);
        if (note !== undefined) await updateNote(tx, row, itemId, note);
        if (position === undefined) return;
        await reorderItems(tx, row, others.toSpliced(position, 0, itemId));
      }),
    removeItem: (viewer, slug, itemId) =>
      change(viewer, slug, async (tx, row, items) => {
        const others = withoutItem(items, itemId);
        await deleteItem(tx, row, itemId);
        await reorderItems(tx, row, others);
      }),
  };
}

type Held = readonly Readonly<{ id: string; targetId: string }>[];

async function list(
  { database }: Parts,
  viewer: Viewer,
  { item, ...query }: CollectionQuery,
): Promise<readonly Collection[]> {
  const target = item === null ? null : await targetOf(database, viewer, item);
  if (item !== null && target === null) return [];
  const holding = target === null ? null : [target];
  const rows = await selectCollections(database, viewer.tenantId, { ...query, holding });
  const ids = rows.map(({ id }) => id);
  const items = await selectItems(database, viewer.tenantId, ids);
  const byCollection = Map.groupBy(items, ({ collectionId }) => collectionId);
  return rows.map((row) =>
    present(viewer, row, (byCollection.get(row.id) ?? []).slice(0, ITEMS_LISTED)),
  );
}

async function create(
  { database, clock }: Parts,
  viewer: Viewer,
  { owner, title, description, isPrivate }: CollectionCreate,
): Promise<Readonly<{ isNew: boolean; collection: Collection }>> {
  const { principal, tenantId } = viewer;
  if (principal === null) throw failHub('namespace.not_yours', 'Send a token.');
  requirePermission(principal, 'model.write');
  return transaction(database, async (tx) => {
    if ((await selectNamespace(tx, owner)) !== tenantId) {
      throw failHub('namespace.not_yours', `The namespace ${owner} is not yours.`);
    }
    const others = await selectOwnLocked(tx, tenantId);
    const same = others.find((other) => other.owner === owner && other.title === title);
    if (same !== undefined) return { isNew: false, collection: present(viewer, same, []) };
    if (others.length >= PER_TENANT_MAX) {
      throw failCommunity('collection.too_many', `You have ${PER_TENANT_MAX} collections already.`);
    }
    const now = new Date(clock.nowMs());
    const id = randomBytes(ID_BYTES).toString('hex');
    const about = { owner, title, description, isPrivate, theme: THEMES[1] };
    const row = { tenantId, id, ...about, position: others.length, updatedAt: now };
    await insertCollection(tx, { ...row, createdAt: now });
    return { isNew: true, collection: present(viewer, row, []) };
  });
}

async function addItem(
  tx: Database,
  made: Readonly<{ viewer: Viewer; row: CollectionRow; items: Held; item: ItemAsked }>,
): Promise<void> {
  const { viewer, row, items, item } = made;
  const target = await targetOf(tx, viewer, item);
  if (target === null || target === row.id) {
    throw failCommunity('collection.item_unknown', `There is no ${item.kind} ${item.name}.`);
  }
  if (items.some(({ targetId }) => targetId === target)) {
    throw failCommunity('collection.item_exists', `${item.name} is in the collection already.`);
  }
  if (items.length >= ITEMS_MAX) {
    throw failCommunity('collection.too_many', `A collection holds ${ITEMS_MAX} items at most.`);
  }
  const isCollection = item.kind === 'collection';
  await insertItem(tx, row, {
    id: createId('cit'),
    modelId: isCollection ? null : target,
    otherCollectionId: isCollection ? target : null,
    note: item.note,
    position: items.length,
  });
}

/** Null for what the viewer does not see, which is as good as not there. */
async function targetOf(
  database: Database,
  { tenantId }: Viewer,
  { kind, name }: Pick<ItemAsked, 'kind' | 'name'>,
): Promise<string | null> {
  if (kind !== 'collection') {
    const row = await selectRepository(database, tenantId, { kind, ...parseModelName(name) });
    return row?.id ?? null;
  }
  const id = idOfSlug(name);
  return id === null ? null : ((await selectCollection(database, tenantId, id))?.id ?? null);
}

function present(
  { tenantId }: Viewer,
  row: CollectionRow,
  items: Awaited<ReturnType<typeof selectItems>>,
): Collection {
  const { id, title, description, isPrivate, position, owner } = row;
  return {
    slug: slugOf(row),
    owner,
    title,
    description,
    isPrivate,
    theme: THEMES.find((known) => known === row.theme) ?? THEMES[1],
    position,
    isYours: row.tenantId === tenantId && id !== '',
    updatedAt: row.updatedAt.toISOString(),
    items: items.map((item): CollectionItem => {
      const isCollection = item.kind === 'collection';
      const name = isCollection
        ? slugOf({ owner: item.name, title: item.title, id: item.targetId })
        : item.name;
      const { kind, note, title: itemTitle } = item;
      return { id: item.id, kind, name, title: itemTitle, note, position: item.position };
    }),
  };
}

/** Raises `collection.item_unknown` for what is not among them. */
function withoutItem(items: Held, itemId: string): readonly string[] {
  const others = items.map(({ id }) => id).filter((id) => id !== itemId);
  if (others.length < items.length) return others;
  throw failCommunity('collection.item_unknown', 'The collection holds no such item.');
}

function unknown(slug: string): Error {
  return failCommunity('collection.unknown', `There is no collection ${slug.slice(0, 200)}.`);
}
