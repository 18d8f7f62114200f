/** All SQL of routes. */
import { type Database, sql } from '#platform/database.ts';
import type { RouteRule } from './route.ts';

export type StoredRoute = RouteRule & Readonly<{ createdAt: Date; updatedAt: Date }>;

/** What a route leads to is read and written whole. */
type RoutePlan = Pick<RouteRule, 'targets' | 'canary' | 'fallbacks' | 'fallbackOn' | 'sticky'>;

type RouteRow = Readonly<{
  tenantId: string;
  id: string;
  name: string;
  isPlatform: boolean;
  plan: RoutePlan;
  createdAt: Date;
  updatedAt: Date;
}>;

const COLUMNS = sql`tenant_id as "tenantId", id, name, is_platform as "isPlatform", plan,
  created_at as "createdAt", updated_at as "updatedAt"`;

function toRoute({ plan, ...row }: RouteRow): StoredRoute {
  return { ...row, ...plan };
}

/** Creates it, or replaces what was under its name. */
export async function upsertRoute(
  tx: Database,
  route: RouteRule & Readonly<{ at: Date }>,
): Promise<StoredRoute> {
  const { targets, canary, fallbacks, fallbackOn, sticky } = route;
  const plan: RoutePlan = { targets, canary, fallbacks, fallbackOn, sticky };
  const { rows } = await sql<RouteRow>`
    insert into routes (tenant_id, id, name, is_platform, plan, created_at, updated_at)
    values (${route.tenantId}, ${route.id}, ${route.name}, ${route.isPlatform},
      ${JSON.stringify(plan)}::jsonb, ${route.at}, ${route.at})
    on conflict (tenant_id, name, is_platform)
      do update set plan = excluded.plan, updated_at = excluded.updated_at
    returning ${COLUMNS}`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error('an upsert that returns no row');
  return toRoute(row);
}

/** The tenant's own and the operator's for everybody, by name after `afterId`. */
export async function listRoutes(
  database: Database,
  page: Readonly<{ tenantId: string; afterId: string; limit: number }>,
): Promise<StoredRoute[]> {
  const { rows } = await sql<RouteRow>`select ${COLUMNS} from routes
    where (tenant_id = ${page.tenantId} or is_platform) and id > ${page.afterId}
    order by id limit ${page.limit}`.execute(database);
  return rows.map(toRoute);
}

/** Those that a name of this tenant may lead through. */
export async function listReachable(database: Database, tenantId: string): Promise<StoredRoute[]> {
  const { rows } = await sql<RouteRow>`select ${COLUMNS} from routes
    where tenant_id = ${tenantId} or is_platform order by id`.execute(database);
  return rows.map(toRoute);
}

/** Of every tenant, for the feed. */
export async function listAll(database: Database): Promise<StoredRoute[]> {
  const { rows } = await sql<RouteRow>`select ${COLUMNS} from routes order by id`.execute(database);
  return rows.map(toRoute);
}

export async function countRoutes(database: Database, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from routes
    where tenant_id = ${tenantId}`.execute(database);
  return rows[0]?.count ?? 0;
}

export async function removeRoute(
  database: Database,
  key: Readonly<{ tenantId: string; id: string }>,
): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from routes
    where tenant_id = ${key.tenantId} and id = ${key.id}`.execute(database);
  return numAffectedRows === 1n;
}
