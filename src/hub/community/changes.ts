/**
 * What became of files between two revisions: by lines where both sides are texts of a readable size, by
 * size and hash elsewhere. Bounded: so many files, so many bytes read, whatever the revisions hold.
 */
import type { File } from '../api.ts';
import { type ByteSources, readPart } from '../bytes.ts';
import { pointerText } from '../wire/huggingface/git-object.ts';
import { hunkText, hunksOf } from './hunks.ts';
import { diffLines, splitLines } from './line-diff.ts';
import type { Changes, FileChange } from './shapes.ts';

export type ChangeLimits = Readonly<{ filesMax: number; textBytesMax: number; bytesMax: number }>;

/** What a page shows without choking; a longer text is read in the file itself. */
export const CHANGE_LIMITS: ChangeLimits = {
  filesMax: 300,
  textBytesMax: 256 * 1024,
  bytesMax: 4 * 1024 * 1024,
};

type Pair = Readonly<{
  path: string;
  from: string | null;
  status: FileChange['status'];
  before: File | null;
  after: File | null;
}>;

export async function readChanges(
  sources: ByteSources,
  before: readonly File[],
  after: readonly File[],
  limits: ChangeLimits = CHANGE_LIMITS,
): Promise<Changes> {
  const pairs = pairsOf(before, after);
  const budget = { bytes: limits.bytesMax };
  const files: FileChange[] = [];
  for (const pair of pairs.slice(0, limits.filesMax)) {
    const sides = await readSides(sources, pair, limits, budget);
    const hunks = sides === null ? null : hunksOf(diffLines(sides.before, sides.after));
    files.push({
      ...pair,
      before: sideOf(pair.before),
      after: sideOf(pair.after),
      hunks: hunks?.map((hunk) => ({ ...hunk, lines: [...hunk.lines] })) ?? null,
    });
  }
  return { files, left: pairs.length - files.length };
}

/** By path; a file that is gone from one path and new at another, with the same bytes, has moved. Pure. */
export function pairsOf(before: readonly File[], after: readonly File[]): readonly Pair[] {
  const old = new Map(before.map((file) => [file.path, file]));
  const now = new Map(after.map((file) => [file.path, file]));
  const gone = new Map(
    before.filter(({ path }) => !now.has(path)).map((file) => [file.sha256, file]),
  );
  const moved = new Set<string>();
  const pairs: Pair[] = [];
  for (const file of after) {
    const was = old.get(file.path) ?? null;
    if (was?.sha256 === file.sha256) continue;
    const source = was === null && file.sizeBytes > 0 ? gone.get(file.sha256) : undefined;
    const { path } = file;
    if (was !== null) pairs.push({ path, from: null, status: 'changed', before: was, after: file });
    else if (source !== undefined && !moved.has(source.path)) {
      moved.add(source.path);
      pairs.push({ path, from: source.path, status: 'moved', before: source, after: file });
    } else pairs.push({ path, from: null, status: 'added', before: null, after: file });
  }
  for (const file of before) {
    if (now.has(file.path) || moved.has(file.path)) continue;
    pairs.push({ path: file.path, from: null, status: 'removed', before: file, after: null });
  }
  return pairs.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

function sideOf(file: File | null): FileChange['before'] {
  return file === null ? null : { sizeBytes: file.sizeBytes, sha256: file.sha256 };
}

async function readSides(
  sources: ByteSources,
  { status, before, after }: Pair,
  { textBytesMax }: ChangeLimits,
  budget: { bytes: number },
): Promise<Readonly<{ before: readonly string[]; after: readonly string[] }> | null> {
  if (status === 'moved') return { before: [], after: [] };
  const sizes = [before?.sizeBytes ?? 0, after?.sizeBytes ?? 0];
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.some((size) => size > textBytesMax) || bytes > budget.bytes) return null;
  budget.bytes -= bytes;
  const texts = [await readText(sources, before), await readText(sources, after)];
  const [old, now] = texts;
  if (typeof old !== 'string' || typeof now !== 'string') return null;
  return { before: splitLines(old), after: splitLines(now) };
}

/** Null for what is no text: bytes that are not UTF-8, or hold a NUL. */
async function readText(sources: ByteSources, file: File | null): Promise<string | null> {
  if (file === null || file.sizeBytes === 0) return '';
  const bytes = await readPart(sources, file.sha256, 0, file.sizeBytes);
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // That is the answer.
    return null;
  }
}

/** As `git diff` prints them; of large files the pointers that git has in their place. Pure. */
export function unifiedDiff({ files }: Changes): string {
  return files.map((file) => fileText(file)).join('');
}

function fileText({ path, from, status, before, after, hunks }: FileChange): string {
  const old = from ?? path;
  const head = [`diff --git a/${old} b/${path}`];
  if (status === 'added') head.push('new file mode 100644');
  if (status === 'removed') head.push('deleted file mode 100644');
  if (status === 'moved') {
    head.push('similarity index 100%', `rename from ${old}`, `rename to ${path}`);
    return `${head.join('\n')}\n`;
  }
  const shown = hunks ?? hunksOf(diffLines(pointerLines(before), pointerLines(after)));
  if (shown.length === 0) return `${head.join('\n')}\n`;
  head.push(`--- ${before === null ? '/dev/null' : `a/${old}`}`);
  head.push(`+++ ${after === null ? '/dev/null' : `b/${path}`}`);
  return `${head.join('\n')}\n${shown.map((hunk) => hunkText(hunk)).join('')}`;
}

function pointerLines(side: FileChange['before']): readonly string[] {
  return side === null ? [] : splitLines(pointerText(side));
}
