/** Other tenants in one repository. */
import type { RepositoryGrant } from '#hub/grants/api.ts';
import type { CallOptions } from './client.ts';
import { encoded } from './encoded-path.ts';
import type { RepositoryAddress } from './hub-community.ts';
import type { Transport } from './transport.ts';

/** Roles in a repository for other tenants, by a name that they hold. */
export function grantCalls(transport: Transport) {
  const pathOf = ({ kind, name }: RepositoryAddress): string =>
    `/cloud/v1/repositories/${kind}/${encoded(name)}/grants`;
  type Grants = Promise<Readonly<{ data: readonly RepositoryGrant[] }>>;
  return {
    grants: (at: RepositoryAddress, options?: CallOptions): Grants =>
      transport.json({ path: pathOf(at), ...options }),
    /** 404 `grant.owner_unknown` where nobody holds the name. */
    setGrant: (at: RepositoryAddress, owner: string, role: RepositoryGrant['role']): Grants =>
      transport.json({
        method: 'PUT',
        path: `${pathOf(at)}/${encodeURIComponent(owner)}`,
        body: { role },
      }),
    removeGrant: (at: RepositoryAddress, owner: string): Grants =>
      transport.json({ method: 'DELETE', path: `${pathOf(at)}/${encodeURIComponent(owner)}` }),
  };
}
