/**
 * Repositories of models, datasets and spaces: made, moved, set, removed, and written to. Owns who may do
 * what with each; promises that one which a viewer may not see answers as if it were not there. Bytes on
 * their way in are `uploads.ts`, what a branch stands on `commits.ts` and `refs.ts`.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { requirePermission } from '#tenancy/principal.ts';
import type { Gated, Model, RepositoryKind, Visibility } from '../api.ts';
import type { ByteSources } from '../bytes.ts';
import { EMPTY_FACTS } from '../catalogue/card-facts.ts';
import type { EventRepository, RepositoryListener } from '../community/repository-events.ts';
import { failHub } from '../errors.ts';
import { insertGitCommit } from '../git/git-store.ts';
import { selectBases } from '../lineage-store.ts';
import { type IsDeployed, modelOf, removeRepository } from '../models.ts';
import { parseModelName } from '../name.ts';
import { type ModelRow, insertModel, insertRevision } from '../store.ts';
import { commitObject, treeId } from '../wire/huggingface/git-object.ts';
import { type Access, type Viewer, accessOf, includes, mayReadFiles } from './access.ts';
import { moveMain } from './commits.ts';
import { claimNamespace } from './namespace-store.ts';
import { type NamedTenant, ensureNamespaces } from './namespaces.ts';
import {
  type RepositoryName,
  countNamespaces,
  forgetFormerName,
  isNameHeld,
  renameRepository,
  selectRepository,
  type TagsByType,
  selectStanding,
  selectTags,
  updateSettings,
} from './repository-store.ts';

export type Repository = Readonly<{
  row: ModelRow;
  /** `owner/name` */
  name: string;
  access: Access;
  mayReadFiles: boolean;
}>;

export type RepositoryId = Readonly<{ kind: RepositoryKind; name: string }>;

export type RepositoryCreate = RepositoryId & Readonly<{ visibility: Visibility; author: string }>;

export interface Repositories {
  /** Null where there is none that the viewer may see. */
  find(viewer: Viewer, id: RepositoryId): Promise<Repository | null>;
  /** Raises `model.unknown`, and where it may be seen `model.not_yours`. */
  require(viewer: Viewer, id: RepositoryId, needed: Access): Promise<Repository>;
  /** Raises `repository.exists`, `namespace.*`, `model.name_invalid`. */
  create(viewer: Viewer, asked: RepositoryCreate): Promise<Repository>;
  /** Raises `model.deployed`. */
  remove(viewer: Viewer, id: RepositoryId): Promise<void>;
  /** The old name goes on leading here. Raises `repository.exists`, `namespace.*`. */
  move(viewer: Viewer, id: RepositoryId, to: string): Promise<void>;
  update(
    viewer: Viewer,
    id: RepositoryId,
    settings: Readonly<{ visibility: Visibility | null; gated: Gated | null }>,
  ): Promise<Repository>;
  /** With its bases, as the viewer may see them. */
  describe(viewer: Viewer, repository: Repository): Promise<Model>;
  /** What lists may be filtered by, as far as the viewer sees it: tags by their type. */
  tagsByType(viewer: Viewer, kind: RepositoryKind): Promise<TagsByType>;
  /** The namespaces a tenant holds, its default first. */
  namespacesOf(tenant: NamedTenant): Promise<readonly string[]>;
}

export type RepositoryOptions = ByteSources &
  Readonly<{
    database: Database;
    clock: Clock;
    isDeployed: IsDeployed;
    onChange?: RepositoryListener | undefined;
  }>;

/** So that nobody takes all the good names. Who runs the cloud mirrors others, and may. */
const NAMESPACES_MAX = 20;
const FIRST_MESSAGE = 'initial commit';

export function createRepositories(options: RepositoryOptions): Repositories {
  const { database, clock } = options;
  const find = async (viewer: Viewer, { kind, name }: RepositoryId) => {
    const row = await selectRepository(database, viewer.tenantId, {
      kind,
      ...parseModelName(name),
    });
    if (row === null) return null;
    const standing = await selectStanding(database, viewer.tenantId, row.id);
    return {
      row,
      name: `${row.owner}/${row.name}`,
      access: accessOf(viewer, row, standing),
      mayReadFiles: mayReadFiles(viewer, row, standing),
    };
  };
  const requireAccess = async (viewer: Viewer, id: RepositoryId, needed: Access) => {
    const found = await find(viewer, id);
    if (found === null) throw unknownRepository(id);
    if (includes(found.access, needed)) return found;
    throw failHub('model.not_yours', `You may read ${id.name} and not change it.`);
  };
  return {
    find,
    require: requireAccess,
    create: async (viewer, asked) => {
      const name = { kind: asked.kind, ...parseModelName(asked.name) };
      await transaction(database, async (tx) => {
        await takeName(tx, viewer, name, null);
        const made = await makeEmpty(tx, { viewer, name, asked, clock });
        await options.onChange?.(tx, { row: made, kind: 'created' });
      });
      return requireAccess(viewer, asked, 'read');
    },
    remove: async (viewer, id) => {
      const { row } = await requireAccess(viewer, id, 'admin');
      await removeRepository(options, row);
    },
    move: async (viewer, id, to) => {
      const { row } = await requireAccess(viewer, id, 'admin');
      const target = { kind: id.kind, ...parseModelName(to) };
      await transaction(database, async (tx) => {
        await takeName(tx, viewer, target, row.id);
        const from = { kind: id.kind, owner: row.owner, name: row.name };
        // Told first: who watches the old name hears where it went.
        const moved = { row, kind: 'moved', to: `${target.owner}/${target.name}` } as const;
        await options.onChange?.(tx, moved);
        await renameRepository(tx, { tenantId: row.tenantId, modelId: row.id }, from, target);
      });
    },
    update: async (viewer, id, settings) => {
      const { row } = await requireAccess(viewer, id, 'admin');
      const key = { tenantId: row.tenantId, modelId: row.id };
      await transaction(database, async (tx) => {
        await updateSettings(tx, key, settings);
        const visibility = settings.visibility ?? row.visibility;
        await options.onChange?.(tx, { row: { ...row, visibility }, kind: 'settings' });
      });
      return requireAccess(viewer, id, 'read');
    },
    describe: async ({ tenantId }, { row }) =>
      modelOf(row, (await selectBases(database, tenantId, [row.id])).get(row.id) ?? []),
    tagsByType: ({ tenantId }, kind) => selectTags(database, tenantId, kind),
    namespacesOf: (tenant) => ensureNamespaces(database, tenant),
  };
}

export function unknownRepository({ kind, name }: RepositoryId): Error {
  return failHub('model.unknown', `There is no ${kind} ${name}, or it is not yours to see.`);
}

/** Raises what `Repositories.create` names. What somebody else holds is refused whether it is used or not. */
async function takeName(
  tx: Database,
  viewer: Viewer,
  name: RepositoryName,
  id: string | null,
): Promise<void> {
  if (viewer.principal === null) throw failHub('namespace.not_yours', 'Send a token.');
  requirePermission(viewer.principal, 'model.write');
  const isOperator = viewer.principal.tenantKind === 'operator';
  if (!(await claimNamespace(tx, name.owner, viewer.tenantId))) {
    throw failHub('namespace.not_yours', `The namespace ${name.owner} belongs to someone else.`);
  }
  if (!isOperator && (await countNamespaces(tx, viewer.tenantId)) > NAMESPACES_MAX) {
    throw failHub('namespace.too_many', `A tenant holds ${NAMESPACES_MAX} namespaces at most.`);
  }
  if (await isNameHeld(tx, name, id)) {
    throw failHub('repository.exists', `You have ${name.owner}/${name.name} already.`);
  }
  await forgetFormerName(tx, name);
}

/** With a first revision that holds nothing, so that there is a main to commit to. */
async function makeEmpty(
  tx: Database,
  made: Readonly<{ viewer: Viewer; name: RepositoryName; asked: RepositoryCreate; clock: Clock }>,
): Promise<EventRepository> {
  const { viewer, name, asked, clock } = made;
  const { tenantId } = viewer;
  const id = createId('mdl', clock.nowMs());
  await insertModel(tx, { ...name, id, tenantId, visibility: asked.visibility });
  const content = {
    sizeBytes: 0,
    metadata: { weights: null, parts: [], hasChatTemplate: false },
    license: null,
    card: EMPTY_FACTS,
    bases: [],
  };
  const object = commitObject({
    tree: treeId([], ''),
    parentId: null,
    author: asked.author,
    timeSeconds: Math.floor(clock.nowMs() / 1000),
    message: FIRST_MESSAGE,
  });
  const revisionId = object.id;
  await insertRevision(tx, {
    ...content,
    id: revisionId,
    tenantId,
    modelId: id,
    message: FIRST_MESSAGE,
    parentId: null,
    author: asked.author,
  });
  await insertGitCommit(tx, { tenantId, modelId: id }, revisionId, object);
  await moveMain(tx, { id, tenantId, ...name }, content, revisionId);
  return { ...name, id, tenantId, visibility: asked.visibility };
}
