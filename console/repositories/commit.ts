/** What a page changes, as lines of a commit. Pure. */
import type { CommitLine } from '#client/hub-repositories.ts';
import { inlineLine } from '#client/hub-upload.ts';

export function textLine(path: string, text: string): CommitLine {
  return inlineLine(path, new TextEncoder().encode(text));
}

export function deleteLine(path: string): CommitLine {
  return { key: 'deletedFile', value: { path } };
}

/** The same bytes under another name, and no longer under the old one. */
export function renameLines(from: string, to: string): readonly CommitLine[] {
  return [{ key: 'copyFile', value: { path: to, srcPath: from } }, deleteLine(from)];
}
