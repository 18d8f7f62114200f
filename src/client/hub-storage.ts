/** What the hub keeps: how much of whom, and whether it is whole. */
import type { RepositoryKind } from '#hub/api.ts';
import type { StorageUse } from '#hub/storage/api.ts';
import type { HubCheck, HubIntegrity } from '#hub/verify/api.ts';
import type { CallOptions } from './client.ts';
import type { Transport } from './transport.ts';

/** Often enough to watch, and a few dozen questions a minute. */
const ASK_EVERY_MS = 300;

const storageOf = (tenantId: string | undefined): string =>
  tenantId === undefined
    ? '/cloud/v1/hub/storage'
    : `/cloud/v1/hub/storage/${encodeURIComponent(tenantId)}`;

type Scope = Readonly<{ repository?: Readonly<{ kind: RepositoryKind; name: string }> }>;

export function hubStorageCalls(transport: Transport) {
  const at = '/cloud/v1/hub';
  const startCheck = (scope: Scope = {}, options?: CallOptions): Promise<HubCheck> =>
    transport.json({ method: 'POST', path: `${at}/checks`, body: scope, ...options });
  /** Raises 404 `check.unknown`. */
  const check = (id: string, options?: CallOptions): Promise<HubCheck> =>
    transport.json({ path: `${at}/checks/${encodeURIComponent(id)}`, ...options });
  return {
    /** What a tenant keeps; one's own where none is named. Others are the operator's to see. */
    use: (tenantId?: string, options?: CallOptions): Promise<StorageUse> =>
      transport.json({ path: storageOf(tenantId), ...options }),
    /** In bytes; null for what all others may keep. For the operator. */
    setQuota: (
      tenantId: string,
      bytesMax: number | null,
      options?: CallOptions,
    ): Promise<StorageUse> =>
      transport.json({
        method: 'PUT',
        path: storageOf(tenantId),
        body: { bytesMax },
        ...options,
      }),
    /** What the scrub knows now, without looking again. For the operator. */
    integrity: (options?: CallOptions): Promise<HubIntegrity> =>
      transport.json({ path: `${at}/integrity`, ...options }),
    startCheck,
    check,
    /** Begins a check, or joins the one that runs, and waits for its end. */
    verify: async (
      scope: Scope,
      options: CallOptions & Readonly<{ onProgress?: (check: HubCheck) => void }> = {},
    ): Promise<HubCheck> => {
      const { onProgress, ...call } = options;
      let found = await startCheck(scope, call);
      while (found.state === 'running') {
        onProgress?.(found);
        await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
        found = await check(found.id, call);
      }
      return found;
    },
  };
}
