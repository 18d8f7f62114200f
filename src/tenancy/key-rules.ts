/**
 * What holds for every key that is made: not more than its maker has, inside one project of the
 * maker's tenant, and not too many of them.
 */
import type { Database } from '#platform/database.ts';
import type { Role } from './api.ts';
import { fail } from './errors.ts';
import { countUsableKeys, findKey } from './key-store.ts';
import { type Principal, mayGrant } from './principal.ts';
import { findFirstProjectId, listProjects, lockTenant } from './store.ts';

/** More live keys than this in one project is a program gone wild. */
const KEYS_PER_PROJECT_MAX = 2000;

export function requireGrant(principal: Principal, role: Role): void {
  if (mayGrant(principal.role, role)) return;
  throw fail('access.denied', `A ${principal.role} cannot give or take the role ${role}.`, {
    param: 'role',
  });
}

/** A key that makes a key passes on at most its own models and its own life. */
export async function requireWithinCreator(
  database: Database,
  principal: Principal,
  wish: Readonly<{ models: readonly string[] | null; expiresAt: Date | null }>,
): Promise<void> {
  if (principal.keyId === null) return;
  const creator = await findKey(database, principal.tenantId, principal.keyId);
  const models = creator?.models ?? null;
  if (models !== null && !(wish.models?.every((name) => models.includes(name)) ?? false)) {
    const message = `This key may hand out only its own models: ${models.join(', ')}.`;
    throw fail('access.denied', message, { param: 'models' });
  }
  const endsAt = creator?.expiresAt ?? null;
  if (endsAt !== null && (wish.expiresAt === null || wish.expiresAt > endsAt)) {
    const message = 'A key cannot make a key that outlives it.';
    throw fail('access.denied', message, { param: 'expiresAt' });
  }
}

/** People stay and are not bound to models, so a key that ends or is bound cannot bring them in. */
export async function requireLastingKey(database: Database, principal: Principal): Promise<void> {
  if (principal.keyId === null) return;
  const key = await findKey(database, principal.tenantId, principal.keyId);
  if (key !== null && key.models === null && key.expiresAt === null) return;
  throw fail('access.denied', 'A key that ends or is bound to models cannot manage people.');
}

/** The caller's own project for a key; else the one asked for, else the tenant's first. */
export async function chooseProject(
  database: Database,
  { tenantId, projectId }: Principal,
  wanted?: string,
): Promise<string> {
  const id = wanted ?? projectId ?? (await findFirstProjectId(database, tenantId));
  const isForeign = projectId !== null && id !== projectId;
  const page = { cursor: null, limit: 1, projectId: id };
  const isKnown = id !== null && !isForeign;
  if (isKnown && (await listProjects(database, tenantId, page)).length > 0) return id;
  throw fail('project.unknown', `There is no project ${id ?? 'yet'}.`, { param: 'projectId' });
}

export async function requireRoom(
  tx: Database,
  project: Readonly<{ tenantId: string; projectId: string; now: Date }>,
): Promise<void> {
  await lockTenant(tx, project.tenantId);
  if ((await countUsableKeys(tx, project)) < KEYS_PER_PROJECT_MAX) return;
  throw fail('key.too_many', `A project has at most ${KEYS_PER_PROJECT_MAX} keys. Revoke some.`);
}
