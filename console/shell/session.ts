/** Who is signed in, what they own, and what every page may ask for. */
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { type Me, type Role, cloud } from '../cloud.ts';

/** A balance moves with every call; a person watching it should see that. */
const BALANCE_REFETCH_MS = 5000;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => cloud.me.get({ signal }),
  staleTime: 60_000,
});

export const balanceQuery = queryOptions({
  queryKey: ['balance'],
  queryFn: ({ signal }) => cloud.balance.get({}, { signal }),
  refetchInterval: BALANCE_REFETCH_MS,
});

/** Only below the signed-in route, where it is loaded already. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

export function useBalance() {
  const isReader = maySee(useMe().role, 'balance');
  return useQuery({ ...balanceQuery, enabled: isReader, retry: false });
}

const BALANCE_READERS: readonly Role[] = ['owner', 'admin', 'developer', 'finance'];
const BUILDERS: readonly Role[] = ['owner', 'admin', 'developer'];
const MEMBER_READERS: readonly Role[] = ['owner', 'admin', 'finance'];
const MEMBER_WRITERS: readonly Role[] = ['owner', 'admin'];
const PRICERS: readonly Role[] = ['owner', 'finance'];
const PAYERS: readonly Role[] = ['owner', 'admin', 'finance'];

export type Matter = 'balance' | 'billing' | 'building' | 'members' | 'inviting' | 'pricing';

/**
 * Which controls a role is offered. The server decides; this only keeps people from buttons that
 * would be refused.
 */
export function maySee(role: Role, what: Matter): boolean {
  const readers = {
    balance: BALANCE_READERS,
    billing: PAYERS,
    building: BUILDERS,
    members: MEMBER_READERS,
    inviting: MEMBER_WRITERS,
    pricing: PRICERS,
  }[what];
  return readers.includes(role);
}

const OPERATIONS: Readonly<Record<'tenants' | 'credit' | 'finance', readonly Role[]>> = {
  tenants: ['owner', 'admin'],
  credit: ['owner', 'finance'],
  finance: PAYERS,
};

/** What only people of the operator's own tenant are offered. */
export function mayOperate({ tenant, role }: Me, what: keyof typeof OPERATIONS): boolean {
  return tenant.kind === 'operator' && OPERATIONS[what].includes(role);
}
