/** The hub and the storage of its bytes, which ask each other: who may read a file, and where its bytes are. */
import { type Hub, type HubOptions, createHub } from '#hub/hub.ts';
import { type Xet, type XetOptions, createXet } from '#xet/xet.ts';

export function buildHub(
  given: Omit<HubOptions, 'otherBytes'> & Pick<XetOptions, 'secret'>,
): Readonly<{ xet: Xet; hub: Hub }> {
  const { secret, ...options } = given;
  const xet = createXet({
    ...options,
    secret,
    readable: (scope, sha256s) => hub.readable(scope, sha256s),
    accept: (tenantId, { sha256, sizeBytes }) =>
      hub.uploads.accept({ tenantId, sha256, sizeBytes }),
  });
  const hub = createHub({ ...options, otherBytes: xet });
  return { xet, hub };
}
