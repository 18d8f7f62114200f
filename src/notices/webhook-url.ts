/**
 * Which addresses a webhook may have. Pure. https and the public Internet, or a tenant's webhook would
 * knock on the doors of the cloud's own network; the operator may allow its own servers. What a name
 * resolves to is judged again at every connection.
 */
import { isPrivateHost } from '#platform/public-address.ts';
import { fail } from './errors.ts';

const PARAM = { param: 'url' };

/** Raises `webhook.url_invalid` or `webhook.address_denied`. */
export function parseWebhookUrl(text: string, allowsPrivate: boolean): string {
  const url = URL.parse(text);
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === null || !isHttp || url.hostname === '') {
    throw fail('webhook.url_invalid', 'An address looks like https://example.com/hooks.', PARAM);
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw fail(
      'webhook.url_invalid',
      'The address holds a name, a password or a fragment. Messages are signed instead.',
      PARAM,
    );
  }
  if (!allowsPrivate && (url.protocol !== 'https:' || isPrivateHost(url) || isLocalName(url))) {
    throw fail(
      'webhook.address_denied',
      'A webhook is reached by https on the public Internet. Only the operator may allow an address of its own network.',
      PARAM,
    );
  }
  return url.href;
}

/** Names that mean this machine or this network by definition: RFC 6761, RFC 8375, and single labels. */
function isLocalName({ hostname }: URL): boolean {
  const name = hostname.replace(/\.$/, '');
  if (name.startsWith('[')) return false;
  return !name.includes('.') || /\.(?:localhost|local|internal|home\.arpa)$/.test(name);
}
