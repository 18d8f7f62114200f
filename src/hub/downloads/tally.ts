/** What was fetched and is not written yet, by repository and day. In memory and bounded; knows nobody's address. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import type { ModelRow } from '../store.ts';
import { isQueryFile } from './count-rule.ts';
import type { DayCount } from './download-store.ts';

/** A file that somebody asks for; `bytes` are those that are sent. */
export type Fetch = Readonly<{
  row: Pick<ModelRow, 'id' | 'tenantId' | 'kind' | 'card'>;
  path: string;
  /** An address or an account; it is hashed at once. */
  client: string;
  bytes: number;
}>;

export type Tally = Readonly<{
  add: (fetch: Fetch) => void;
  /** All that was added since; it is empty then. */
  take: () => readonly DayCount[];
  /** What could not be written, together with what came meanwhile. */
  giveBack: (counts: readonly DayCount[]) => void;
}>;

/** A HEAD and the GETs that follow it. */
const ONE_DOWNLOAD_MS = 5 * 60_000;
/** Of clients and files within those minutes; beyond it the oldest are forgotten and may count twice. */
const RECENT_MAX = 100_000;
/** Counted between two writes; a flood of addresses fills no memory. */
const CLIENTS_MAX = 200_000;
const CLIENT_HEX_LENGTH = 16;

type Entry = Omit<DayCount, 'clients' | 'downloads' | 'bytes'> & {
  downloads: number;
  bytes: number;
  clients: Set<string>;
};

export function createTally(clock: Clock): Tally {
  const isNew = createRecent(clock);
  const hash = createDailyHash();
  let entries = new Map<string, Entry>();
  let clients = 0;
  const entryOf = ({ tenantId, modelId, day }: Pick<DayCount, 'tenantId' | 'modelId' | 'day'>) => {
    const key = `${modelId}:${day}`;
    const entry = entries.get(key) ?? {
      tenantId,
      modelId,
      day,
      downloads: 0,
      bytes: 0,
      clients: new Set<string>(),
    };
    entries.set(key, entry);
    return entry;
  };
  return {
    add: ({ row, path, client, bytes }) => {
      const day = new Date(clock.nowMs()).toISOString().slice(0, 10);
      const entry = entryOf({ tenantId: row.tenantId, modelId: row.id, day });
      entry.bytes += bytes;
      const who = hash(day, client);
      if (!isQueryFile(row.kind, row.card.library ?? null, path)) return;
      if (!isNew(`${who}:${row.id}:${path}`)) return;
      entry.downloads += 1;
      if (clients >= CLIENTS_MAX || entry.clients.has(who)) return;
      entry.clients.add(who);
      clients += 1;
    },
    take: () => {
      const taken = [...entries.values()].map((entry) => ({
        ...entry,
        clients: [...entry.clients],
      }));
      entries = new Map();
      clients = 0;
      return taken;
    },
    giveBack: (counts) => {
      for (const count of counts) {
        const entry = entryOf(count);
        entry.downloads += count.downloads;
        entry.bytes += count.bytes;
        for (const client of count.clients) entry.clients.add(client);
      }
    },
  };
}

/** Whether something is seen for the first time within those minutes. */
function createRecent(clock: Clock): (key: string) => boolean {
  const recent = new Map<string, number>();
  return (key) => {
    const now = clock.monotonicMs();
    const last = recent.get(key);
    if (last !== undefined && now - last < ONE_DOWNLOAD_MS) return false;
    recent.delete(key);
    recent.set(key, now);
    const [oldest] = recent.keys();
    if (recent.size > RECENT_MAX && oldest !== undefined) recent.delete(oldest);
    return true;
  };
}

/**
 * Under a key that nobody keeps: with the day, or the process, the way back is gone. A client that comes again
 * after a restart may count as another; no address is ever written.
 */
function createDailyHash(): (day: string, client: string) => string {
  let key = { day: '', secret: randomBytes(32) };
  return (day, client) => {
    if (key.day !== day) key = { day, secret: randomBytes(32) };
    const mac = createHmac('sha256', key.secret).update(client).digest('hex');
    return mac.slice(0, CLIENT_HEX_LENGTH);
  };
}
