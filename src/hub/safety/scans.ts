/** Verdicts on files that are loaded by running them: made when one is first asked for, and kept by content. */
import { type Database, sql } from '#platform/database.ts';
import type { File } from '../api.ts';
import { type ByteSources, readPart } from '../bytes.ts';
import { type FileScan, isScanned, scanFile } from './scan.ts';

export interface Scans {
  /** By SHA-256. Files that run nothing are left out; so is, until it is asked for again, what is too much for one call. */
  of(files: readonly File[]): Promise<ReadonlyMap<string, FileScan>>;
}

/** Each reads some megabytes at most. */
const SCANNED_AT_ONCE_MAX = 20;

export function createScans(parts: ByteSources & Readonly<{ database: Database }>): Scans {
  const { database } = parts;
  return {
    of: async (files) => {
      const wanted = files.filter(({ path }) => isScanned(path));
      if (wanted.length === 0) return new Map();
      const sha256s = wanted.map(({ sha256 }) => sha256);
      const scans = new Map(await selectScans(database, sha256s));
      const fresh = wanted.filter(({ sha256 }) => !scans.has(sha256));
      for (const { sha256, sizeBytes } of fresh.slice(0, SCANNED_AT_ONCE_MAX)) {
        const scan = await scanFile(sizeBytes, (offset, length) =>
          readPart(parts, sha256, offset, length),
        );
        await insertScan(database, sha256, scan);
        scans.set(sha256, scan);
      }
      return scans;
    },
  };
}

async function selectScans(
  database: Database,
  sha256s: readonly string[],
): Promise<ReadonlyMap<string, FileScan>> {
  const { rows } = await sql<FileScan & { sha256: string }>`
    select encode(sha256, 'hex') as sha256, verdict, imports, remark from file_scans
    where sha256 in (select decode(s, 'hex') from unnest(${sha256s}::text[]) as u (s))`.execute(
    database,
  );
  return new Map(rows.map(({ sha256, ...scan }) => [sha256, scan]));
}

/** Silent when the file was removed meanwhile. */
async function insertScan(database: Database, sha256: string, scan: FileScan): Promise<void> {
  await sql`
    insert into file_scans (sha256, verdict, imports, remark)
    select sha256, ${scan.verdict}, ${JSON.stringify(scan.imports)}, ${scan.remark} from blobs
    where sha256 = decode(${sha256}, 'hex')
    on conflict (sha256) do nothing`.execute(database);
}
