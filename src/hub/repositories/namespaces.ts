/**
 * Namespaces: the first parts of repositories' names. The first tenant that makes something there holds
 * it, in whatever case it is written; every tenant has one by default, made of its name.
 */
import { type Database, transaction } from '#platform/database.ts';
import { isReservedOwner } from '../name.ts';
import {
  claimNamespace,
  makeDefault,
  selectNamespace,
  selectNamespaces,
} from './namespace-store.ts';

export type NamedTenant = Readonly<{ id: string; name: string }>;

/** Beyond it the rest is not shown; an operator that mirrors others holds many. */
const SHOWN_MAX = 100;
/** So many tenants of one name find a free slug; then the id is used. */
const SUFFIX_MAX = 20;
const SLUG_LENGTH_MAX = 40;

/** The tenant's own, the default first; claims one where it has none yet. */
export async function ensureNamespaces(
  database: Database,
  tenant: NamedTenant,
): Promise<readonly string[]> {
  const held = await selectNamespaces(database, tenant.id, SHOWN_MAX);
  if (held[0]?.isDefault === true) return held.map(({ name }) => name);
  await transaction(database, async (tx) => {
    for (const slug of slugsOf(tenant)) {
      const holder = await selectNamespace(tx, slug);
      if (holder !== null && holder !== tenant.id) continue;
      if (!(await claimNamespace(tx, slug, tenant.id))) continue;
      return makeDefault(tx, tenant.id, slug);
    }
  });
  return (await selectNamespaces(database, tenant.id, SHOWN_MAX)).map(({ name }) => name);
}

/** Candidates, the nicest first; the last one is nobody else's. Pure. */
export function slugsOf({ id, name }: NamedTenant): readonly string[] {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LENGTH_MAX)
    .replace(/^-+|-+$/g, '');
  const last = id.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  if (slug === '' || isReservedOwner(slug)) return [last];
  const numbered = Array.from({ length: SUFFIX_MAX - 1 }, (_, index) => `${slug}-${index + 2}`);
  return [slug, ...numbered, last];
}
