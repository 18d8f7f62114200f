/**
 * Tenancy: who pays (tenants), what is isolated inside them (projects), people (members) and secrets
 * (keys). Owns sign-in and says of every request who is calling. Promises that no tenant sees
 * another's rows, that nobody hands out more than they have, that secrets are kept as hashes only,
 * and that a revoked key is refused from the next feed on. What a role may do is `principal.ts`;
 * limits and money of a tenant belong to others.
 */
import type { Context } from 'hono';
import type pg from 'pg';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { type Access, createAccess } from './access.ts';
import { type FirstRun, ensureFirstRun } from './first-run.ts';
import { type Keys, createKeys } from './keys.ts';
import { type Members, createMembers } from './members.ts';
import type { CloudEnv } from './principal.ts';
import { createSignIn } from './sign-in.ts';
import { listSuspendedTenantIds } from './store.ts';
import { type Delegations, createDelegations } from './delegation.ts';
import {
  type Projects,
  type TenantListener,
  type Tenants,
  createProjects,
  createTenants,
} from './tenants.ts';

export type TenancyOptions = Readonly<{
  database: Database;
  /** The sign-in library speaks to the driver itself. */
  pool: pg.Pool;
  clock: Clock;
  log: Log;
  /** Where people reach us; cookies are secure when it is https. */
  publicUrl: string;
  /** Signs session cookies; kept in the home so that a restart signs nobody out. */
  sessionSecret: string;
  onTenantCreated?: TenantListener;
}>;

export type Tenancy = Access &
  Pick<Delegations, 'delegate' | 'endDelegation'> &
  Readonly<{
    publicUrl: string;
    tenants: Tenants;
    projects: Projects;
    members: Members;
    keys: Keys;
    /** For gateways, by the hex of the secret's SHA-256; null when unknown, revoked or expired. */
    lookupKey: Keys['lookup'];
    findStoppedKey: Keys['findStopped'];
    /** Revoked in the last 24 hours, whatever the tenant: gateways forget them. */
    listRevokedKeyIds: () => Promise<string[]>;
    listSuspendedTenantIds: () => Promise<string[]>;
    ensureFirstRun: (where: { homeFolder: string; url: string }) => Promise<FirstRun>;
    handleSignIn: (context: Context<CloudEnv>) => Promise<Response>;
  }>;

export function createTenancy(options: TenancyOptions): Tenancy {
  const { database, clock, publicUrl } = options;
  const signIn = createSignIn(options);
  const delegations = createDelegations({ database, clock });
  const keys = createKeys({ database, clock, delegations });
  return {
    delegate: delegations.delegate,
    endDelegation: delegations.endDelegation,
    ...createAccess({ database, clock, userIdOf: signIn.userIdOf }),
    publicUrl,
    tenants: createTenants({ database, clock, onCreated: options.onTenantCreated }),
    projects: createProjects({ database, clock }),
    members: createMembers({ database, clock }),
    keys,
    lookupKey: keys.lookup,
    findStoppedKey: keys.findStopped,
    listRevokedKeyIds: keys.listRevokedIds,
    listSuspendedTenantIds: () => listSuspendedTenantIds(database),
    ensureFirstRun: ({ homeFolder, url }) => ensureFirstRun({ database, clock, homeFolder, url }),
    handleSignIn: signIn.handle,
  };
}
