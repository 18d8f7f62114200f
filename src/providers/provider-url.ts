/**
 * Which addresses a provider may have. Pure. https and the public Internet, or a tenant's provider would
 * be a way into the network of the cloud; the operator may allow its own servers. What a name resolves to
 * is judged again at every connection.
 */
import { isPrivateHost } from '#platform/public-address.ts';
import { fail } from './errors.ts';

/** The address without a slash at its end. Raises `provider.url_invalid` or `provider.address_denied`. */
export function parseProviderUrl(text: string, allowsPrivate: boolean): string {
  const url = URL.parse(text);
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === null || !isHttp || url.hostname === '') {
    throw fail('provider.url_invalid', 'An address looks like https://api.example.com/v1.', {
      param: 'baseUrl',
    });
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw fail(
      'provider.url_invalid',
      'The address holds a name, a password, a query or a fragment; give only the address, and the key on its own.',
      { param: 'baseUrl' },
    );
  }
  if (!allowsPrivate && (url.protocol !== 'https:' || isPrivateHost(url) || isLocalName(url))) {
    throw fail(
      'provider.address_denied',
      'A provider is reached by https on the public Internet. Only the operator may allow an address of its own network.',
      { param: 'baseUrl' },
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** Names that mean this machine or this network by definition: RFC 6761, RFC 8375, and single labels. */
function isLocalName({ hostname }: URL): boolean {
  const name = hostname.replace(/\.$/, '');
  if (name.startsWith('[')) return false;
  return !name.includes('.') || /\.(?:localhost|local|internal|home\.arpa)$/.test(name);
}
