/**
 * Which lines of a text became which. Pure: the shortest edit by Myers (An O(ND) Difference Algorithm and
 * Its Variations, 1986), bounded in work and memory; texts that differ by more are a whole old and a whole
 * new one. Lines keep their ends, so a missing last newline is a difference like any other.
 */

export type LineEdit = Readonly<{ kind: 'same' | 'added' | 'removed'; text: string }>;

/** Trace and time grow with its square: 1,500 keeps 9 MB for a moment. Nobody reads longer edits line by line. */
const EDITS_MAX = 1_500;

/** With their newlines; the joined lines are the text. */
export function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

export function diffLines(
  before: readonly string[],
  after: readonly string[],
  editsMax: number = EDITS_MAX,
): readonly LineEdit[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const shorter = Math.min(before.length, after.length) - head;
  while (tail < shorter && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const oldMiddle = before.slice(head, before.length - tail);
  const newMiddle = after.slice(head, after.length - tail);
  return [
    ...marked('same', before.slice(0, head)),
    ...(shortestEdit(oldMiddle, newMiddle, editsMax) ?? [
      ...marked('removed', oldMiddle),
      ...marked('added', newMiddle),
    ]),
    ...marked('same', before.slice(before.length - tail)),
  ];
}

function marked(kind: LineEdit['kind'], lines: readonly string[]): LineEdit[] {
  return lines.map((text) => ({ kind, text }));
}

/** Null when it has more than `editsMax` lines added and removed. */
function shortestEdit(
  before: readonly string[],
  after: readonly string[],
  editsMax: number,
): readonly LineEdit[] | null {
  const trace: Int32Array[] = [];
  const most = Math.min(before.length + after.length, editsMax);
  // furthest[k + most + 1]: how far into `before` the best path of this many edits on diagonal k has come.
  const furthest = new Int32Array(2 * most + 3);
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(furthest.slice(most + 1 - edits - 1, most + 1 + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const below = furthest[diagonal + most] ?? 0;
      const above = furthest[diagonal + most + 2] ?? 0;
      const isDown = diagonal === -edits || (diagonal !== edits && below < above);
      let x = isDown ? above : below + 1;
      while (
        x < before.length &&
        x - diagonal < after.length &&
        before[x] === after[x - diagonal]
      ) {
        x += 1;
      }
      furthest[diagonal + most + 1] = x;
      if (x >= before.length && x - diagonal >= after.length) return walkBack(before, after, trace);
    }
  }
  return null;
}

/** From both ends back to both beginnings, by what each round had reached before it. */
function walkBack(
  before: readonly string[],
  after: readonly string[],
  trace: readonly Int32Array[],
): readonly LineEdit[] {
  const edits: LineEdit[] = [];
  let x = before.length;
  let y = after.length;
  for (let round = trace.length - 1; round >= 0; round -= 1) {
    const reached = trace[round] ?? new Int32Array();
    const at = (diagonal: number): number => reached[diagonal + round + 1] ?? 0;
    const diagonal = x - y;
    const isDown =
      diagonal === -round || (diagonal !== round && at(diagonal - 1) < at(diagonal + 1));
    const from = isDown ? diagonal + 1 : diagonal - 1;
    const startX = round === 0 ? 0 : at(from);
    const startY = round === 0 ? 0 : startX - from;
    while (x > startX && y > startY) {
      x -= 1;
      y -= 1;
      edits.push({ kind: 'same', text: before[x] ?? '' });
    }
    if (round === 0) break;
    if (isDown) edits.push({ kind: 'added', text: after[startY] ?? '' });
    else edits.push({ kind: 'removed', text: before[startX] ?? '' });
    x = startX;
    y = startY;
  }
  return edits.toReversed();
}
