/** Networks as people write them: `10.0.0.0/8`, `2001:db8::/32`, or one address. Pure. */
import { isIPv4, isIPv6 } from 'node:net';

export type Network = Readonly<{ address: string; prefix: number; family: 'ipv4' | 'ipv6' }>;

/** Null when it is none. */
export function parseNetwork(text: string): Network | null {
  const [address = '', prefixText, ...rest] = text.trim().split('/');
  const family = familyOf(address);
  if (family === null || rest.length > 0) return null;
  const bits = family === 'ipv4' ? 32 : 128;
  if (prefixText === undefined) return { address, prefix: bits, family };
  if (!/^\d{1,3}$/.test(prefixText)) return null;
  const prefix = Number(prefixText);
  return prefix <= bits ? { address, prefix, family } : null;
}

function familyOf(address: string): Network['family'] | null {
  if (isIPv4(address)) return 'ipv4';
  // A zone ("%eth0") names an interface of one machine and no network.
  return isIPv6(address) && !address.includes('%') ? 'ipv6' : null;
}
