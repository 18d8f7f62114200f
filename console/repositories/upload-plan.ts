/** Files on their way into a repository: what each is called there, how far it is, and what is left. Pure. */
import { isLeftOut } from '#client/hub-upload.ts';

export type UploadState = 'waiting' | 'hashing' | 'sending' | 'sent' | 'same' | 'failed';

export type UploadItem = Readonly<{
  /** Where it will lie. */
  path: string;
  file: File;
  state: UploadState;
  doneBytes: number;
  error: unknown;
}>;

export type Offered = Readonly<{ path: string; file: File }>;

/** Adds what was chosen; what is chosen again replaces what was there under the same path. */
export function addFiles(
  items: readonly UploadItem[],
  folder: string,
  offered: readonly Offered[],
): readonly UploadItem[] {
  const added = offered
    .filter(({ path }) => !isLeftOut(path))
    .map(({ path, file }): UploadItem => {
      const name = folder === '' ? path : `${folder}/${path}`;
      return { path: name.normalize('NFC'), file, state: 'waiting', doneBytes: 0, error: null };
    });
  const paths = new Set(added.map(({ path }) => path));
  return [...items.filter(({ path }) => !paths.has(path)), ...added];
}

export function change(
  items: readonly UploadItem[],
  path: string,
  part: Partial<UploadItem>,
): readonly UploadItem[] {
  return items.map((item) => (item.path === path ? { ...item, ...part } : item));
}

/** Of all bytes, 0 to 1; hashing counts little, because sending takes the time. */
export function shareDone(items: readonly UploadItem[]): number {
  const total = items.reduce((sum, { file }) => sum + file.size, 0);
  if (total === 0) return items.every(isDone) ? 1 : 0;
  const done = items.reduce((sum, item) => sum + doneBytesOf(item), 0);
  return done / total;
}

const HASHING_SHARE = 0.1;

function doneBytesOf({ state, doneBytes, file }: UploadItem): number {
  if (state === 'hashing') return doneBytes * HASHING_SHARE;
  if (state === 'sending') return file.size * HASHING_SHARE + doneBytes * (1 - HASHING_SHARE);
  return state === 'sent' || state === 'same' ? file.size : 0;
}

export function isDone({ state }: UploadItem): boolean {
  return state === 'sent' || state === 'same';
}
