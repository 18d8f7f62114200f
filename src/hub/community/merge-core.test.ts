import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { File } from '../api.ts';
import { planCommit } from '../repositories/commit-plan.ts';
import { hunkText, hunksOf } from './hunks.ts';
import { diffLines, splitLines } from './line-diff.ts';
import { planMerge } from './three-way.ts';

const lines = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 24 });

describe('a diff of lines', () => {
  it('holds both texts, whole and in order', () => {
    fc.assert(
      fc.property(lines, lines, fc.integer({ min: 0, max: 40 }), (before, after, editsMax) => {
        const edits = diffLines(before, after, editsMax);
        const side = (left: string) =>
          edits.filter(({ kind }) => kind === 'same' || kind === left).map(({ text }) => text);
        assert.deepEqual(side('removed'), before);
        assert.deepEqual(side('added'), after);
      }),
    );
  });

  it('is as short as any: what stays is a longest common subsequence', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const kept = diffLines(before, after).filter(({ kind }) => kind === 'same').length;
        assert.equal(kept, longestCommon(before, after));
      }),
    );
  });

  it('gives up in bounded time, as one old and one new text', () => {
    const before = Array.from({ length: 30_000 }, (_, index) => `old ${index}\n`);
    const after = Array.from({ length: 30_000 }, (_, index) => `new ${index}\n`);
    const edits = diffLines(['same\n', ...before], ['same\n', ...after]);
    assert.equal(edits.filter(({ kind }) => kind === 'same').length, 1);
    assert.equal(edits.length, 60_001);
  });

  it('splits a text into lines that join to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\r', '文') }), (text) => {
        assert.equal(splitLines(text).join(''), text);
      }),
    );
  });
});

describe('hunks', () => {
  it('applied to the old text give the new one, whatever is left out between them', () => {
    fc.assert(
      fc.property(lines, lines, fc.integer({ min: 0, max: 3 }), (before, after, context) => {
        const result: string[] = [];
        let at = 0;
        for (const hunk of hunksOf(diffLines(before, after), context)) {
          const start = hunk.beforeLines === 0 ? hunk.beforeStart : hunk.beforeStart - 1;
          result.push(...before.slice(at, start));
          const expected = hunk.afterLines === 0 ? hunk.afterStart : hunk.afterStart - 1;
          assert.equal(result.length, expected);
          for (const { kind, text } of hunk.lines) if (kind !== 'removed') result.push(text);
          at = start + hunk.beforeLines;
        }
        result.push(...before.slice(at));
        assert.deepEqual(result, after);
      }),
    );
  });

  it('are written as git writes them', () => {
    const edits = diffLines(splitLines('one\ntwo\nthree\n'), splitLines('one\n2\nthree'));
    const [hunk] = hunksOf(edits, 1);
    assert.ok(hunk);
    assert.equal(
      hunkText(hunk),
      '@@ -1,3 +1,3 @@\n one\n-two\n-three\n+2\n+three\n\\ No newline at end of file\n',
    );
  });
});

const tree = fc
  .dictionary(fc.constantFrom('a', 'b', 'A', 'd/e', 'd'), fc.constantFrom('1', '2', '3'))
  .map((files) =>
    Object.entries(files).map(([path, sha256]): File => ({ path, sha256, sizeBytes: 1 })),
  );
const distinctTree = tree.filter((files) => isValid(files));

describe('a three-way merge', () => {
  it('takes what one side changed, and names every path that both changed otherwise', () => {
    fc.assert(
      fc.property(distinctTree, distinctTree, distinctTree, (base, ours, theirs) => {
        const { changes, conflicts } = planMerge(base, ours, theirs);
        const [was, mine, other] = [base, ours, theirs].map(
          (files) => new Map(files.map(({ path, sha256 }) => [path, sha256])),
        );
        const both = ['a', 'b', 'A', 'd/e', 'd'].filter((path) => {
          const [before, now, wanted] = [was?.get(path), mine?.get(path), other?.get(path)];
          return now !== before && wanted !== before && now !== wanted;
        });
        assert.deepEqual(
          both.filter((path) => !conflicts.includes(path)),
          [],
        );
        if (conflicts.length > 0) return;
        // Without a conflict the commit is possible, and each path is as whoever touched it left it.
        const merged = planCommit(ours, changes).files;
        const result = new Map(merged.map(({ path, sha256 }) => [path, sha256]));
        for (const path of ['a', 'b', 'A', 'd/e', 'd']) {
          const expected = mine?.get(path) === was?.get(path) ? other?.get(path) : mine?.get(path);
          assert.equal(result.get(path), expected, path);
        }
      }),
    );
  });

  it('of what only they changed is what they have, and of nothing is nothing', () => {
    fc.assert(
      fc.property(distinctTree, distinctTree, (base, theirs) => {
        const { changes, conflicts } = planMerge(base, base, theirs);
        if (conflicts.length === 0) {
          assert.deepEqual(sorted(planCommit(base, changes).files), sorted(theirs));
        }
        assert.deepEqual(planMerge(base, theirs, base), { changes: [], conflicts: [] });
      }),
    );
  });
});

function isValid(files: readonly File[]): boolean {
  try {
    planCommit(
      [],
      files.map((file) => ({ kind: 'put', ...file })),
    );
    return true;
  } catch {
    // Two of its names could not stand beside each other.
    return false;
  }
}

function sorted(files: readonly File[]): readonly File[] {
  return files.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

/** The textbook table, as a model to compare with. */
function longestCommon(left: readonly string[], right: readonly string[]): number {
  let row = Array.from({ length: right.length + 1 }, () => 0);
  for (const line of left) {
    const next = [0];
    for (const [index, other] of right.entries()) {
      const longer = Math.max(row[index + 1] ?? 0, next[index] ?? 0);
      next.push(line === other ? (row[index] ?? 0) + 1 : longer);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
