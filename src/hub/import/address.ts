/** Which addresses a tenant's import may reach: the public Internet and nothing else. */
import { createGuardedLookup, isPrivateHost } from '#platform/public-address.ts';
import { failImport } from '../errors.ts';

/** Raises `import.address_denied` for a host written as a number; names are judged by `guardedLookup`. */
export function requirePublicHost(url: URL): void {
  if (isPrivateHost(url)) throw denied(url.hostname.replace(/^\[|\]$/g, ''));
}

/** `dns.lookup` for sockets that fails when any of the addresses is not public. */
export const guardedLookup = createGuardedLookup(denied);

function denied(host: string): Error {
  return failImport(
    'import.address_denied',
    `${host} is not on the public Internet. Only the operator imports from private addresses.`,
  );
}
