/**
 * A small Markdown, enough for model cards and answers: headings, paragraphs, lists, quotes, tables,
 * fenced code, formulas, rules. Pure: text in, blocks out; `markdown.tsx` draws them as React elements, so that
 * no text from a stranger is ever read as HTML. An unfinished fence (a stream) runs to the end.
 */
export type Block =
  | Readonly<{ kind: 'heading'; level: number; text: string }>
  | Readonly<{ kind: 'paragraph'; text: string }>
  | Readonly<{ kind: 'code'; language: string; text: string }>
  | Readonly<{ kind: 'math'; text: string }>
  | Readonly<{ kind: 'quote'; blocks: readonly Block[] }>
  | Readonly<{
      kind: 'list';
      isOrdered: boolean;
      start: number;
      items: readonly (readonly Block[])[];
    }>
  | Readonly<{ kind: 'table'; head: readonly string[]; rows: readonly (readonly string[])[] }>
  | Readonly<{ kind: 'rule' }>;

/** Lists in quotes in lists …: deeper than this is an attack on the reader, and stays text. */
const DEPTH_MAX = 6;

const FORMULA_LINES_MAX = 100;

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|(\d{1,9})[.)])\s+(.*)$/;
/** A formula of its own: `$$ … $$` or `\\[ … \\]`, on one line or over several. */
const FORMULA = /^ {0,3}(\$\$|\\\[)/;
const QUOTE = /^ {0,3}>\s?/;
const TABLE_RULE = /^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$/;

export function parseMarkdown(text: string, depth = 0): readonly Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    if ((lines[at] ?? '').trim() === '') {
      at += 1;
      continue;
    }
    const [block, next] = readBlock(lines, at, depth);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

type Read = readonly [block: Block, next: number];

function readBlock(lines: readonly string[], at: number, depth: number): Read {
  const line = lines[at] ?? '';
  if (FENCE.test(line)) return readCode(lines, at);
  if (FORMULA.test(line)) return readFormula(lines, at) ?? readParagraph(lines, at);
  const heading = HEADING.exec(line);
  if (heading !== null) {
    return [{ kind: 'heading', level: (heading[1] ?? '').length, text: heading[2] ?? '' }, at + 1];
  }
  if (RULE.test(line)) return [{ kind: 'rule' }, at + 1];
  if (depth < DEPTH_MAX && QUOTE.test(line)) return readQuote(lines, at, depth);
  if (depth < DEPTH_MAX && ITEM.test(line)) return readList(lines, at, depth);
  if (line.includes('|') && TABLE_RULE.test(lines[at + 1] ?? '')) return readTable(lines, at);
  return readParagraph(lines, at);
}

function readCode(lines: readonly string[], at: number): Read {
  const [, fence = '```', language = ''] = FENCE.exec(lines[at] ?? '') ?? [];
  const end = lines.findIndex((line, index) => index > at && line.trim().startsWith(fence));
  const last = end === -1 ? lines.length : end;
  return [{ kind: 'code', language, text: lines.slice(at + 1, last).join('\n') }, last + 1];
}

/** Null where it never ends: then it is no formula. */
function readFormula(lines: readonly string[], at: number): Read | null {
  const [whole = '', open = ''] = FORMULA.exec(lines[at] ?? '') ?? [];
  const close = open === '$$' ? '$$' : String.raw`\]`;
  const parts: string[] = [];
  for (let next = at; next < lines.length && next < at + FORMULA_LINES_MAX; next += 1) {
    const line = next === at ? (lines[at] ?? '').slice(whole.length) : (lines[next] ?? '');
    const end = line.indexOf(close);
    if (end === -1) parts.push(line);
    // What goes on behind it is a line of words with a formula in it.
    else if (line.slice(end + close.length).trim() !== '') return null;
    else
      return [{ kind: 'math', text: [...parts, line.slice(0, end)].join('\n').trim() }, next + 1];
  }
  return null;
}

function readQuote(lines: readonly string[], at: number, depth: number): Read {
  const end = endOf(lines, at, (line) => QUOTE.test(line));
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ''));
  return [{ kind: 'quote', blocks: parseMarkdown(inner.join('\n'), depth + 1) }, end];
}

function readList(lines: readonly string[], at: number, depth: number): Read {
  const first = ITEM.exec(lines[at] ?? '');
  const indent = first?.[1]?.length ?? 0;
  const isOrdered = first?.[3] !== undefined;
  const items: string[][] = [];
  let next = at;
  for (; next < lines.length; next += 1) {
    const line = lines[next] ?? '';
    const item = ITEM.exec(line);
    const isOwn = item !== null && (item[1] ?? '').length <= indent + 1;
    if (isOwn && (item[3] !== undefined) === isOrdered && !RULE.test(line))
      items.push([item[4] ?? '']);
    else if (line.trim() === '' && continues(lines[next + 1], indent)) items.at(-1)?.push('');
    else if (/^\s/.test(line) && line.trim() !== '') items.at(-1)?.push(outdent(line, indent));
    else break;
  }
  return [
    {
      kind: 'list',
      isOrdered,
      start: Number(first?.[3] ?? 1),
      items: items.map((item) => parseMarkdown(item.join('\n'), depth + 1)),
    },
    next,
  ];
}

/** After an empty line a list goes on with an indented line or with another item. */
function continues(line: string | undefined, indent: number): boolean {
  if (line === undefined || line.trim() === '') return false;
  return ITEM.test(line) || line.startsWith(' '.repeat(indent + 2));
}

function outdent(line: string, indent: number): string {
  return line.replace(new RegExp(`^\\s{1,${indent + 4}}`), '');
}

function readTable(lines: readonly string[], at: number): Read {
  const end = endOf(lines, at + 2, (line) => line.includes('|'));
  return [
    {
      kind: 'table',
      head: cellsOf(lines[at] ?? ''),
      rows: lines.slice(at + 2, end).map(cellsOf),
    },
    end,
  ];
}

function cellsOf(line: string): readonly string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'));
}

function readParagraph(lines: readonly string[], at: number): Read {
  const end = endOf(lines, at + 1, (line) => !startsBlock(line));
  return [{ kind: 'paragraph', text: lines.slice(at, end).join('\n').trim() }, end];
}

function startsBlock(line: string): boolean {
  return [FENCE, FORMULA, HEADING, RULE, QUOTE, ITEM].some((start) => start.test(line));
}

function endOf(lines: readonly string[], from: number, belongs: (line: string) => boolean): number {
  let end = from;
  while (end < lines.length && (lines[end] ?? '').trim() !== '' && belongs(lines[end] ?? ''))
    end += 1;
  return end;
}
