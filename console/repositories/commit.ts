/** What a page changes, as lines of a commit. Pure. */
import type { CommitLine } from '#client/hub-repositories.ts';

export function textLine(path: string, text: string): CommitLine {
  return inlineLine(path, new TextEncoder().encode(text));
}

export function inlineLine(path: string, bytes: Uint8Array): CommitLine {
  return { key: 'file', value: { path, content: base64(bytes), encoding: 'base64' } };
}

export function deleteLine(path: string): CommitLine {
  return { key: 'deletedFile', value: { path } };
}

/** The same bytes under another name, and no longer under the old one. */
export function renameLines(from: string, to: string): readonly CommitLine[] {
  return [{ key: 'copyFile', value: { path: to, srcPath: from } }, deleteLine(from)];
}

/** In pieces: a call takes no million of arguments. */
const PIECE = 0x8000;

export function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  }
  return btoa(pieces.join(''));
}
