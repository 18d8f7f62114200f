/**
 * Where a call comes from: the other end of its connection. Behind proxies that the operator trusts it
 * is the last address in `x-forwarded-for` that is not one of theirs; what stands before it was
 * written by strangers.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { parseNetwork } from '#limits/network.ts';

/** Asked only where it matters. Empty when it cannot be told. */
export type CallerAddress = () => string;

type Incoming = Readonly<{
  headers: IncomingMessage['headers'];
  socket: Readonly<{ remoteAddress?: string | undefined }>;
}>;

export type ReadAddress = (incoming: Incoming) => string;

/** The address that the caller typed, as far as it is known. */
export type ReadOrigin = (
  incoming: Incoming,
) => Readonly<{ scheme: 'http' | 'https'; host: string | undefined }>;

/** Addresses in a header beyond this are not looked at. */
const HOPS_MAX = 32;

/** No proxies are trusted where the list is empty. */
export function createAddressReader(trustedProxies: readonly string[]): ReadAddress {
  const isTrusted = trustIn(trustedProxies);
  return ({ headers, socket }) => {
    let address = plain(socket.remoteAddress ?? '');
    const forwarded = headers['x-forwarded-for'];
    if (trustedProxies.length === 0 || forwarded === undefined) return address;
    const hops = String(forwarded).split(',').slice(-HOPS_MAX);
    for (let hop = hops.length - 1; hop >= 0 && isTrusted(address); hop -= 1) {
      address = plain(hops[hop] ?? '');
    }
    return address;
  };
}

/** A proxy that is trusted says how it was reached; the gateway itself speaks HTTP. */
export function createOriginReader(trustedProxies: readonly string[]): ReadOrigin {
  const isTrusted = trustIn(trustedProxies);
  return ({ headers, socket }) => {
    const { host } = headers;
    if (!isTrusted(plain(socket.remoteAddress ?? ''))) return { scheme: 'http', host };
    const isSecure = lastOf(headers['x-forwarded-proto']) === 'https';
    return {
      scheme: isSecure ? 'https' : 'http',
      host: lastOf(headers['x-forwarded-host']) ?? host,
    };
  };
}

/** What the nearest proxy wrote; what stands before it came from further away. */
function lastOf(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header).split(',').at(-1)?.trim();
}

function trustIn(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const text of trustedProxies) {
    const network = parseNetwork(text);
    if (network !== null) trusted.addSubnet(network.address, network.prefix, network.family);
  }
  return (address) => {
    const family = familyOf(address);
    return family !== null && trusted.check(address, family);
  };
}

export function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  if (isIPv4(address)) return 'ipv4';
  return isIPv6(address) ? 'ipv6' : null;
}

/** `::ffff:10.0.0.1` is 10.0.0.1 on a socket that takes both families; proxies add brackets and ports. */
function plain(text: string): string {
  const trimmed = text.trim();
  const bare =
    /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed)?.[1] ??
    /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(trimmed)?.[1] ??
    trimmed;
  const unzoned = bare.split('%')[0] ?? '';
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(unzoned)?.[1] ?? unzoned;
}
