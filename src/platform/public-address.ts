/**
 * Which addresses lie on the public Internet, and a name look-up for sockets that refuses all others: a
 * URL that a tenant gives must not read the cloud's own control plane, a neighbour's machine or a cloud
 * provider's metadata. Judged after name resolution, on the very address that is connected to, so that a
 * name which changes its answer (DNS rebinding) gains nothing.
 */
import { lookup } from 'node:dns';
import { BlockList, type LookupFunction, isIP, isIPv4 } from 'node:net';

/** IANA's special-purpose registry, without the parts that are globally reachable. */
const PRIVATE_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** Inside the one global range, what carries an IPv4 address or is not routed. */
const PRIVATE_IPV6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const forbiddenIpv4 = new BlockList();
for (const [net, bits] of PRIVATE_IPV4) forbiddenIpv4.addSubnet(net, bits, 'ipv4');
const globalIpv6 = new BlockList();
globalIpv6.addSubnet('2000::', 3, 'ipv6');
const forbiddenIpv6 = new BlockList();
for (const [net, bits] of PRIVATE_IPV6) forbiddenIpv6.addSubnet(net, bits, 'ipv6');

export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !forbiddenIpv4.check(address, 'ipv4');
  if (isIP(address) === 0) return false;
  // IPv4-mapped addresses lie outside the global range, so none gets through here.
  return globalIpv6.check(address, 'ipv6') && !forbiddenIpv6.check(address, 'ipv6');
}

/** True for a host that is written as a number which is not public; names are judged when they are looked up. */
export function isPrivateHost(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !isPublicAddress(host);
}

/** `dns.lookup` for sockets that fails with `deny(host)` when any of the addresses is not public. */
export function createGuardedLookup(deny: (hostname: string) => Error): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { all: true, verbatim: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      if (!addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(deny(hostname), []);
      }
      const [first] = addresses;
      if (options.all === true || first === undefined) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
