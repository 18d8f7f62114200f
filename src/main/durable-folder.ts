/**
 * A folder as PGlite's disk that keeps what it is told to keep. PGlite's own leaves PostgreSQL's
 * requests to flush unanswered, so that a power cut could take back a committed entry of the ledger;
 * here they reach the disk. One flush is a few milliseconds, and one commit is one flush.
 */
import { fdatasyncSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { z } from 'zod';

/** The part of Emscripten's file system that we add to; its own types leave it out. */
const streamOperations = z.custom<{ fsync?: (stream: { nfd: number }) => number }>(
  (value) => typeof value === 'object' && value !== null,
);

class DurableFolder extends NodeFS {
  override async init(...parameters: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const made = await super.init(...parameters);
    const preRun: typeof made.emscriptenOpts.preRun = [
      ...(made.emscriptenOpts.preRun ?? []),
      (module) => {
        const { NODEFS } = module.FS.filesystems;
        streamOperations.parse(Reflect.get(NODEFS, 'stream_ops')).fsync = ({ nfd }) => {
          fdatasyncSync(nfd);
          return 0;
        };
      },
    ];
    return { ...made, emscriptenOpts: { ...made.emscriptenOpts, preRun } };
  }
}

export function createDurableFolder(folder: string): NodeFS {
  return new DurableFolder(folder);
}
