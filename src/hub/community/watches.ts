/**
 * Webhooks that watch repositories: which of them hear of what, and in which words. The words are Hugging
 * Face's (https://huggingface.co/docs/hub/webhooks); sending is the affair of whoever sends all other
 * webhooks, which the hub is given and does not know.
 */
import type { Database } from '#platform/database.ts';
import { type Principal, requirePermission } from '#tenancy/principal.ts';
import { failCommunity } from './errors.ts';
import { eventPayload } from './payload.ts';
import type { RepositoryEvent, RepositoryListener } from './repository-events.ts';
import {
  type WatchDomain,
  type Watched,
  replaceWatches,
  selectWatchers,
  selectWatches,
} from './watch-store.ts';

/** A webhook as its sender keeps it. */
export type Hook = Readonly<{ id: string; url: string; isActive: boolean }>;
export type HookChange = Readonly<{
  url?: string | undefined;
  secret?: string | undefined;
  isActive?: boolean | undefined;
}>;
type Owner = Pick<Principal, 'tenantId' | 'tenantKind'>;
type Within = (tx: Database, id: string) => Promise<void>;

/** What delivers: signed, tried again for days, to the public Internet only. */
export type HookSender = Readonly<{
  list: (owner: Owner) => Promise<readonly Hook[]>;
  create: (
    owner: Owner,
    wish: Readonly<{ url: string; secret: string | null; allowsPrivate: boolean }>,
    within: Within,
  ) => Promise<Hook>;
  update: (owner: Owner, id: string, change: HookChange, within?: Within) => Promise<Hook>;
  remove: (owner: Owner, id: string) => Promise<void>;
  send: (
    tx: Database,
    message: Readonly<{ tenantId: string; webhookId: string; payload: string }>,
  ) => Promise<void>;
}>;

export type Watch = Hook &
  Readonly<{ watched: readonly Watched[]; domains: readonly WatchDomain[] }>;

export type WatchCreate = Readonly<{
  url: string;
  secret: string | null;
  allowsPrivate: boolean;
  watched: readonly Watched[];
  domains: readonly WatchDomain[];
}>;

export type WatchChange = HookChange &
  Readonly<{
    watched?: readonly Watched[] | undefined;
    domains?: readonly WatchDomain[] | undefined;
  }>;

/** Each raises `access.denied`, and where it names one `webhook.unknown`. */
export interface Watches {
  list(principal: Principal): Promise<readonly Watch[]>;
  create(principal: Principal, asked: WatchCreate): Promise<Watch>;
  update(principal: Principal, id: string, change: WatchChange): Promise<Watch>;
  remove(principal: Principal, id: string): Promise<void>;
}

/** Watchers of one repository beyond it hear nothing: an event is one transaction. */
const WATCHERS_MAX = 500;

export function createWatches(parts: Readonly<{ database: Database; hooks: HookSender }>): Watches {
  const { database, hooks } = parts;
  const watchOf = (hook: Hook, rows: Awaited<ReturnType<typeof selectWatches>>): Watch => {
    const own = rows.filter(({ webhookId }) => webhookId === hook.id);
    const watched = own.map(({ type, name }) => ({ type, name }));
    return { ...hook, watched, domains: own[0]?.domains ?? [] };
  };
  return {
    list: async (principal) => {
      requirePermission(principal, 'model.write');
      const rows = await selectWatches(database, principal.tenantId);
      return (await hooks.list(principal)).map((hook) => watchOf(hook, rows));
    },
    create: async (principal, { watched, domains, ...wish }) => {
      requirePermission(principal, 'model.write');
      requireSome(watched);
      const { tenantId } = principal;
      const hook = await hooks.create(principal, wish, (tx, webhookId) =>
        replaceWatches(tx, { tenantId, webhookId }, watched, domains),
      );
      return watchOf(hook, await selectWatches(database, tenantId));
    },
    update: async (principal, id, { watched, domains, ...change }) => {
      requirePermission(principal, 'model.write');
      const { tenantId } = principal;
      const hook = await hooks.update(principal, id, change, async (tx, webhookId) => {
        if (watched === undefined && domains === undefined) return;
        const rows = await selectWatches(tx, tenantId);
        const before = rows.filter((row) => row.webhookId === webhookId);
        const key = { tenantId, webhookId };
        await replaceWatches(tx, key, watched ?? before, domains ?? before[0]?.domains ?? []);
      });
      return watchOf(hook, await selectWatches(database, tenantId));
    },
    remove: async (principal, id) => {
      requirePermission(principal, 'model.write');
      await hooks.remove(principal, id);
    },
  };
}

/** Tells those webhooks that watch, in the transaction of what happened. */
export function createAnnouncer({
  hooks,
  publicUrl,
}: Readonly<{ hooks: HookSender; publicUrl: string }>): RepositoryListener {
  return async (tx, event) => {
    const { id: modelId, kind, owner, name } = event.row;
    const about = { modelId, kind, owner, name, domain: domainOf(event), limit: WATCHERS_MAX };
    const watchers = await selectWatchers(tx, about);
    if (watchers.length === 0) return;
    const payload = await eventPayload(tx, event, publicUrl);
    for (const { tenantId, webhookId } of watchers) {
      const whole = { ...payload, webhook: { id: webhookId, version: 3 } };
      await hooks.send(tx, { tenantId, webhookId, payload: JSON.stringify(whole) });
    }
  };
}

function domainOf({ kind }: RepositoryEvent): WatchDomain {
  return kind === 'discussion' || kind === 'comment' ? 'discussion' : 'repo';
}

function requireSome(watched: readonly Watched[]): void {
  if (watched.length > 0) return;
  throw failCommunity('watch.invalid', 'Say which repositories or owners to watch.');
}
