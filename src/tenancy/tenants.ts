/**
 * Tenants and projects. The operator makes, renames and suspends tenants; a tenant renames itself
 * and makes projects. A new tenant comes with its owner and a first project, all or nothing.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, isUniqueViolation, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import {
  type PageQuery,
  type Project,
  type ProjectCreate,
  type Tenant,
  type TenantCreate,
  type TenantCreated,
  type TenantUpdate,
  tenantCreateSchema,
} from './api.ts';
import { fail } from './errors.ts';
import { requireLastingKey } from './key-rules.ts';
import { addMember, createSecret, explainConflict } from './members.ts';
import { type Page, pageOf, toPage } from './page.ts';
import { presentProject, presentTenant } from './present.ts';
import { type Principal, isAllowed, requirePermission } from './principal.ts';
import {
  countProjects,
  findTenant,
  insertProject,
  insertTenant,
  listAllTenants,
  listProjects,
  lockTenant,
  updateTenant,
} from './store.ts';

export type Tenants = Readonly<{
  list: (principal: Principal, query: PageQuery) => Promise<Page<Tenant>>;
  create: (principal: Principal, input: TenantCreate) => Promise<TenantCreated>;
  update: (principal: Principal, id: string, change: TenantUpdate) => Promise<Tenant>;
}>;

export type Projects = Readonly<{
  list: (principal: Principal, query: PageQuery) => Promise<Page<Project>>;
  create: (principal: Principal, input: ProjectCreate) => Promise<Project>;
}>;

const PROJECTS_PER_TENANT_MAX = 1000;

export const FIRST_PROJECT_NAME = 'Default';

/** Told of a tenant in the transaction that makes it, for what a new tenant is given. */
export type TenantListener = (tx: Database, tenantId: string) => Promise<void>;

export function createTenants({
  database,
  clock,
  onCreated,
}: {
  database: Database;
  clock: Clock;
  onCreated?: TenantListener | undefined;
}): Tenants {
  return {
    list: async (principal, query) => {
      requirePermission(principal, 'tenant.read');
      if (principal.tenantKind === 'operator') {
        return toPage(await listAllTenants(database, pageOf(query)), query.limit, presentTenant);
      }
      const own = await findTenant(database, principal.tenantId);
      return { data: own === null ? [] : [presentTenant(own)], nextCursor: null };
    },

    create: async (principal, input) => {
      requirePermission(principal, 'tenant.create');
      await requireLastingKey(database, principal);
      const { name, kind, currency, owner } = tenantCreateSchema.parse(input);
      const secret = await createSecret();
      const nowMs = clock.nowMs();
      const tenantId = createId('ten', nowMs);
      const createdAt = new Date(nowMs);
      return explainConflict(() =>
        transaction(database, async (tx) => {
          const parentId = principal.tenantId;
          const row = { id: tenantId, parentId, kind, name, currency, createdAt };
          const tenant = await insertTenant(tx, row);
          const id = createId('prj', nowMs);
          await insertProject(tx, { id, tenantId, name: FIRST_PROJECT_NAME, createdAt });
          const person = { ...owner, tenantId, role: 'owner', secret, nowMs } as const;
          const member = await addMember(tx, person);
          await onCreated?.(tx, tenantId);
          return { ...presentTenant(tenant), owner: member };
        }),
      );
    },

    update: async (principal, id, change) => {
      requirePermission(principal, 'tenant.write');
      const isOwn = id === principal.tenantId;
      const isOperator = isAllowed(principal, 'tenant.create');
      if (!isOwn && !isOperator) throw fail('tenant.unknown', `There is no tenant ${id}.`);
      if (change.state !== undefined && !isOperator) {
        throw fail('access.denied', 'Only the operator suspends tenants.', { param: 'state' });
      }
      if (change.state === 'suspended' && isOwn) {
        throw fail('tenant.operator_fixed', 'The operator cannot suspend itself.');
      }
      const tenant = await updateTenant(database, id, {
        name: change.name ?? null,
        state: change.state ?? null,
      });
      if (tenant === null) throw fail('tenant.unknown', `There is no tenant ${id}.`);
      return presentTenant(tenant);
    },
  };
}

export function createProjects({
  database,
  clock,
}: {
  database: Database;
  clock: Clock;
}): Projects {
  return {
    list: async (principal, query) => {
      requirePermission(principal, 'tenant.read');
      const page = { ...pageOf(query), projectId: principal.projectId };
      const rows = await listProjects(database, principal.tenantId, page);
      return toPage(rows, query.limit, presentProject);
    },

    create: async (principal, { name }) => {
      requirePermission(principal, 'tenant.write');
      const { tenantId } = principal;
      const createdAt = new Date(clock.nowMs());
      const id = createId('prj', clock.nowMs());
      try {
        return await transaction(database, async (tx) => {
          await lockTenant(tx, tenantId);
          if ((await countProjects(tx, tenantId)) >= PROJECTS_PER_TENANT_MAX) {
            const message = `A tenant has at most ${PROJECTS_PER_TENANT_MAX} projects.`;
            throw fail('project.too_many', message);
          }
          return presentProject(await insertProject(tx, { id, tenantId, name, createdAt }));
        });
      } catch (error) {
        if (!isUniqueViolation(error, 'projects_tenant_id_name_key')) throw error;
        const details = { param: 'name', cause: error };
        throw fail('project.exists', `There is a project ${name} already.`, details);
      }
    },
  };
}
