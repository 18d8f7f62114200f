/** What a journal's folder promises while nobody has it open: ends that must be posted, and requests left open. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { scanFrames } from '#metering/frame.ts';
import { parseRecord } from '#metering/record.ts';
import { MARK_BYTES } from '#metering/segment.ts';
import type { SettledRecord, UsageBuckets } from '#metering/usage-event.ts';

export type OnDisk = Readonly<{
  settled: readonly SettledRecord[];
  /** By request id, with the last progress, null where there was none. */
  open: ReadonlyMap<string, UsageBuckets | null>;
}>;

export function readJournalFolder(folder: string): OnDisk {
  const settled = new Map<string, SettledRecord>();
  const open = new Map<string, UsageBuckets | null>();
  const names = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  for (const name of names.filter((each) => each.endsWith('.journal'))) {
    const bytes = readFileSync(join(folder, name)).subarray(MARK_BYTES);
    for (const { payload } of scanFrames(bytes, true).frames) {
      const record = parseRecord(payload);
      if (record === null) throw new Error(`${name} holds a record that does not parse`);
      if (record.kind === 'admitted') open.set(record.requestId, null);
      else if (record.kind === 'progress') {
        if (open.has(record.requestId)) open.set(record.requestId, record.usage);
      } else {
        open.delete(record.requestId);
        settled.set(record.requestId, record);
      }
    }
  }
  return { settled: [...settled.values()], open };
}
