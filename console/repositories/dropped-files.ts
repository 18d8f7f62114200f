/** The files of what was dropped or chosen, folders with everything in them. */
import type { Offered } from './upload-plan.ts';

/** A commit takes no more; a folder with more was dropped by mistake. */
const FILES_MAX = 5000;

/** To be called while the drop is handled: afterwards the browser has forgotten what was dropped. */
export function droppedFiles(transfer: DataTransfer): Promise<readonly Offered[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null)) return Promise.resolve(chosenFiles(transfer.files));
  return readEntries(entries.filter((entry) => entry !== null));
}

/** A chosen folder gives its files with their paths in it; the folder's own name is left out. */
export function chosenFiles(files: FileList): readonly Offered[] {
  return [...files].map((file) => {
    const path = file.webkitRelativePath;
    return { path: path === '' ? file.name : path.slice(path.indexOf('/') + 1), file };
  });
}

async function readEntries(entries: readonly FileSystemEntry[]): Promise<readonly Offered[]> {
  const found: Offered[] = [];
  const queue = [...entries];
  for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
    if (found.length >= FILES_MAX) break;
    if (isFile(entry)) found.push({ path: pathOf(entry), file: await fileOf(entry) });
    else if (isFolder(entry)) queue.push(...(await childrenOf(entry)));
  }
  return found;
}

/** The first part of its path is the slash. */
function pathOf(entry: FileSystemEntry): string {
  return entry.fullPath.replace(/^\//, '');
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  const { promise, resolve, reject } = Promise.withResolvers<File>();
  entry.file(resolve, reject);
  return promise;
}

/** A browser gives a hundred at once, and none when there are no more. */
async function childrenOf(entry: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = entry.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const { promise, resolve, reject } = Promise.withResolvers<FileSystemEntry[]>();
    reader.readEntries(resolve, reject);
    const some = await promise;
    if (some.length === 0 || found.length >= FILES_MAX) return found;
    found.push(...some);
  }
}
