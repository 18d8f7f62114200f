/** The hub and the storage of its bytes, which ask each other: who may read a file, and where its bytes are. */
import type { Fleet } from '#fleet/fleet.ts';
import { type Hub, createHub } from '#hub/hub.ts';
import type { Notices } from '#notices/notices.ts';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { ObjectStore } from '#platform/objects.ts';
import type { Providers } from '#providers/providers.ts';
import { type Xet, createXet } from '#xet/xet.ts';
import { gitFolder } from './home.ts';
import { hubHooks, tellOfDamage } from './notice-parts.ts';
import type { ProcessOptions } from './options.ts';

type Given = Readonly<{
  options: ProcessOptions;
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  log: Log;
  /** Modules above or beside the hub, which are built after it and asked when it runs. */
  later: () => Readonly<{ fleet: Fleet; providers: Providers; notices: Notices }>;
}>;

export function buildHub({ options, later, ...given }: Given): Readonly<{ xet: Xet; hub: Hub }> {
  const { publicUrl, sessionSecret: secret, settings } = options;
  const xet = createXet({
    ...given,
    secret,
    readable: (scope, sha256s) => hub.readable(scope, sha256s),
    keeps: (tx, sha256s) => hub.keeps(tx, sha256s),
    accept: (tenantId, { sha256, sizeBytes }) =>
      hub.uploads.accept({ tenantId, sha256, sizeBytes }),
  });
  const hub = createHub({
    ...given,
    publicUrl,
    otherBytes: xet,
    gitFolder: gitFolder(settings.FLYWHEEL_HOME),
    scrub: { tell: (tx, found) => tellOfDamage(tx, later().notices, found) },
    // Notices delivers what is told of repositories.
    hooks: hubHooks(() => later().notices),
    isDeployed: async (modelId, tx) =>
      (await later().fleet.isDeployed(modelId, tx)) || later().providers.isServed(modelId, tx),
  });
  return { xet, hub };
}
