/**
 * Edits as people read them: the lines around each change, and git's unified text of it. Pure.
 * https://git-scm.com/docs/diff-format
 */
import type { LineEdit } from './line-diff.ts';

export type Hunk = Readonly<{
  /** From 1; of an empty side 0. */
  beforeStart: number;
  beforeLines: number;
  afterStart: number;
  afterLines: number;
  lines: readonly LineEdit[];
}>;

/** As git shows by default. */
const CONTEXT_LINES = 3;

export function hunksOf(edits: readonly LineEdit[], context: number = CONTEXT_LINES): Hunk[] {
  const hunks: Hunk[] = [];
  let beforeAt = 0;
  let afterAt = 0;
  for (const range of rangesOf(edits, context)) {
    const skipped = edits.slice(range.skippedFrom, range.start);
    beforeAt += skipped.length;
    afterAt += skipped.length;
    const lines = edits.slice(range.start, range.end);
    const beforeLines = lines.filter(({ kind }) => kind !== 'added').length;
    const afterLines = lines.filter(({ kind }) => kind !== 'removed').length;
    hunks.push({
      beforeStart: beforeLines === 0 ? beforeAt : beforeAt + 1,
      beforeLines,
      afterStart: afterLines === 0 ? afterAt : afterAt + 1,
      afterLines,
      lines,
    });
    beforeAt += beforeLines;
    afterAt += afterLines;
  }
  return hunks;
}

type Range = Readonly<{ skippedFrom: number; start: number; end: number }>;

/** Changes whose surroundings touch are one hunk; what lies between hunks is the same on both sides. */
function rangesOf(edits: readonly LineEdit[], context: number): readonly Range[] {
  const ranges: { skippedFrom: number; start: number; end: number }[] = [];
  for (const [index, { kind }] of edits.entries()) {
    if (kind === 'same') continue;
    const last = ranges.at(-1);
    const end = Math.min(edits.length, index + context + 1);
    if (last !== undefined && index - context <= last.end) last.end = end;
    else {
      const skippedFrom = last?.end ?? 0;
      ranges.push({ skippedFrom, start: Math.max(skippedFrom, index - context), end });
    }
  }
  return ranges;
}

const MARKS = { same: ' ', added: '+', removed: '-' } as const;

export function hunkText({
  beforeStart,
  beforeLines,
  afterStart,
  afterLines,
  lines,
}: Hunk): string {
  const head = `@@ -${spanOf(beforeStart, beforeLines)} +${spanOf(afterStart, afterLines)} @@\n`;
  return lines.reduce((text, { kind, text: line }) => {
    const end = line.endsWith('\n') ? '' : '\n\\ No newline at end of file\n';
    return `${text}${MARKS[kind]}${line}${end}`;
  }, head);
}

function spanOf(start: number, lines: number): string {
  return lines === 1 ? String(start) : `${start},${lines}`;
}
