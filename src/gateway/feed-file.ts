/**
 * The last feed, on the gateway's own disk. Written whole to a file beside and renamed, so that a
 * power cut leaves the old one or the new one. It holds engine keys: only its owner may read it.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { Feed } from './feed.ts';

/** Null where there is none, or none that can be read: the feed comes anew from control then. */
export async function readFeedFile(file: string, log: Log): Promise<Feed | null> {
  try {
    const feed: Partial<Feed> = JSON.parse(await readFile(file, 'utf8'));
    return isFeed(feed) ? feed : null;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') log.warn('feed.file_unreadable', { error });
    return null;
  }
}

function isFeed(feed: Partial<Feed>): feed is Feed {
  const lists = [
    feed.models,
    feed.deployments,
    feed.replicas,
    feed.revokedKeyIds,
    feed.suspendedTenantIds,
  ];
  return typeof feed.version === 'number' && lists.every((list) => Array.isArray(list));
}

export type FeedWriter = Readonly<{ write: (feed: Feed) => void; stop: () => Promise<void> }>;

/** Writes the newest feed; those that came while one was being written are skipped. */
export function createFeedWriter(file: string, log: Log): FeedWriter {
  let newest: Feed | null = null;
  let writing: Promise<void> | null = null;

  async function writeAll(): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
    while (newest !== null) {
      const feed = newest;
      newest = null;
      // Several gateways of one home write the same file, each whole.
      const aside = `${file}.${process.pid}.new`;
      await writeFile(aside, JSON.stringify(feed), { mode: 0o600 });
      await rename(aside, file);
    }
  }

  return {
    write: (feed) => {
      newest = feed;
      writing ??= writeAll()
        // The feed in memory is what serves; without a file only a restart without control suffers.
        .catch((error: unknown) => log.error('feed.file_unwritable', { error }))
        .finally(() => {
          writing = null;
        });
    },
    stop: async () => {
      await writing;
    },
  };
}
