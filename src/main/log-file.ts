/**
 * The log files of the children: JSON lines as they come, a new file when one is full, a few old ones
 * kept. Written by the supervisor, so that a child that is killed loses nothing it has said.
 */
import { closeSync, mkdirSync, openSync, renameSync, fstatSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export type LogFile = Readonly<{ write: (chunk: Buffer) => void; close: () => void }>;

/** With the old ones below: at most 40 MB per process, days of a quiet cloud. */
const FILE_BYTES_MAX = 10 * 1024 * 1024;
const OLD_FILES_KEPT = 3;

export function openLogFile(path: string, fileBytesMax = FILE_BYTES_MAX): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file = openSync(path, 'a', 0o600);
  let sizeBytes = fstatSync(file).size;
  return {
    write: (chunk) => {
      if (sizeBytes + chunk.length > fileBytesMax && sizeBytes > 0) {
        closeSync(file);
        rotate(path);
        file = openSync(path, 'a', 0o600);
        sizeBytes = 0;
      }
      try {
        writeSync(file, chunk);
        sizeBytes += chunk.length;
      } catch {
        // A full disk takes no log lines, and must not take the supervisor with it.
      }
    },
    close: () => closeSync(file),
  };
}

function rotate(path: string): void {
  for (let age = OLD_FILES_KEPT; age >= 1; age -= 1) {
    const from = age === 1 ? path : `${path}.${age - 1}`;
    try {
      renameSync(from, `${path}.${age}`);
    } catch {
      // There is no file of that age yet.
    }
  }
}
