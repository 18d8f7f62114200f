/**
 * What `.gitattributes` says of LFS. Pure. Every large file is covered by a pattern and no small one is, or
 * git-lfs would leave pointers in a clone, or see changes where there are none. Patterns are those of
 * https://git-scm.com/docs/gitattributes; a file in a folder below says nothing here.
 */
import type { GitFile } from '../wire/huggingface/git-object.ts';

export const ATTRIBUTES_PATH = '.gitattributes';
const LFS = 'filter=lfs diff=lfs merge=lfs -text';
const NOT_LFS = '!filter !diff !merge';

/** Beyond it a list of patterns is a mistake or an attack; what follows is not read. */
const LINES_MAX = 20_000;
const GLOBS_MAX = 200;
const PATTERN_LENGTH_MAX = 500;

type Rule = Readonly<{ fits: (path: string) => boolean; isLfs: boolean }>;

/** The text with lines for what it says wrongly; the very same where it says all rightly. */
export function coverFiles(text: string, files: readonly GitFile[]): string {
  const rest = files.filter(({ path }) => path !== ATTRIBUTES_PATH);
  const isLfs = parseAttributes(text);
  const wrong = rest.filter((file) => isLfs(file.path) !== isLarge(file));
  if (wrong.length === 0) return text;
  const small = new Set(rest.filter((file) => !isLarge(file)).map(({ path }) => endingOf(path)));
  const lines = wrong.map((file) => {
    const ending = endingOf(file.path);
    const isKind = isLarge(file) && ending !== '' && !small.has(ending);
    const pattern = isKind ? `*${ending}` : quote(`/${escape(file.path)}`);
    return `${pattern} ${isLarge(file) ? LFS : NOT_LFS}`;
  });
  const head = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${head}${[...new Set(lines)].join('\n')}\n`;
}

function isLarge({ gitOid }: GitFile): boolean {
  return gitOid === undefined;
}

/** Letters and digits after the last dot of the name; nothing where there is none. */
function endingOf(path: string): string {
  return /(\.[A-Za-z0-9_-]+)$/.exec(path)?.[1] ?? '';
}

export function parseAttributes(text: string): (path: string) => boolean {
  const endings = new Map<string, number>();
  const exact = new Map<string, number>();
  const globs: { at: number; fits: Rule['fits'] }[] = [];
  const says: boolean[] = [];
  for (const [at, line] of text.split('\n').slice(0, LINES_MAX).entries()) {
    const parsed = parseLine(line);
    if (parsed === null) continue;
    const { pattern, isLfs } = parsed;
    says[at] = isLfs;
    const ending = /^\*(\.[A-Za-z0-9_-]+)$/.exec(pattern)?.[1];
    if (ending !== undefined) endings.set(ending, at);
    else if (/^\/[^*?[\\]*$/.test(pattern)) exact.set(pattern.slice(1), at);
    else if (/^\/(?:[^*?[\\]|\\.)*$/.test(pattern)) exact.set(unescape(pattern.slice(1)), at);
    else if (globs.length < GLOBS_MAX) globs.push({ at, fits: globOf(pattern) });
  }
  return (path) => {
    let last = Math.max(endings.get(endingOf(path)) ?? -1, exact.get(path) ?? -1);
    for (const { at, fits } of globs) if (at > last && fits(path)) last = at;
    return says[last] ?? false;
  };
}

/** Null for a line that says nothing of LFS. */
function parseLine(line: string): Readonly<{ pattern: string; isLfs: boolean }> | null {
  const found =
    /^[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s"#[][^\s]*|\[(?!attr\])[^\s]*))[ \t]+(.*)$/.exec(
      line.replace(/\r$/, ''),
    );
  if (found === null) return null;
  const pattern = found[1] === undefined ? (found[2] ?? '') : unquote(found[1]);
  const filters = (found[3] ?? '').split(/\s+/).filter((word) => /^[-!]?filter(?:=|$)/.test(word));
  const filter = filters.at(-1);
  if (filter === undefined || pattern.length > PATTERN_LENGTH_MAX * 4) return null;
  return { pattern, isLfs: filter === 'filter=lfs' };
}

/** A pattern without a slash is about names, one with a slash about paths. */
function globOf(pattern: string): (path: string) => boolean {
  if (pattern.length > PATTERN_LENGTH_MAX) return () => false;
  if (!pattern.includes('/')) {
    return (path) => fitsPart(pattern, path.slice(path.lastIndexOf('/') + 1));
  }
  const parts = pattern.replace(/^\//, '').split('/');
  return (path) =>
    fitsRun(
      parts,
      path.split('/'),
      (part) => part === '**',
      (part, name) => fitsPart(part, name),
    );
}

/** `?`, `[…]` and `\` stand for one letter each, `*` for any number. */
function fitsPart(pattern: string, name: string): boolean {
  const letters = pattern.match(/\\.|\[[!^]?\[:space:\]\]|\[[!^]?\]?[^\]]*\]|./gsu) ?? [];
  return fitsRun(letters, [...name], (letter) => letter === '*', fitsLetter);
}

/** Goes back to the last star only, so that it never takes longer than both lengths multiplied. */
function fitsRun(
  pattern: readonly string[],
  names: readonly string[],
  isStar: (item: string) => boolean,
  fits: (item: string, name: string) => boolean,
): boolean {
  let [at, star, mark] = [0, -1, 0];
  for (let index = 0; index < names.length;) {
    const item = pattern[at];
    if (item !== undefined && isStar(item)) [star, mark, at] = [at, index, at + 1];
    else if (item !== undefined && fits(item, names[index] ?? ''))
      [at, index] = [at + 1, index + 1];
    else if (star !== -1) [at, mark, index] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  return pattern.slice(at).every((item) => isStar(item));
}

function fitsLetter(item: string, letter: string): boolean {
  if (item === '?') return true;
  if (item.length === 2 && item.startsWith('\\')) return item[1] === letter;
  const set = /^\[([!^]?)(.*)\]$/su.exec(item);
  if (set === null) return item === letter;
  const [, negated = '', body = ''] = set;
  const isIn = body === '[:space:]' ? /\s/.test(letter) : isInSet(body, letter);
  return isIn !== (negated !== '');
}

function isInSet(body: string, letter: string): boolean {
  const ranges = body.match(/.-.|./gsu) ?? [];
  return ranges.some((range) =>
    range.length === 3 && range[1] === '-'
      ? (range[0] ?? '') <= letter && letter <= (range[2] ?? '')
      : range === letter,
  );
}

function escape(path: string): string {
  return path.replace(/[*?[\\]/g, '\\$&');
}

function unescape(pattern: string): string {
  return pattern.replace(/\\(.)/g, '$1');
}

/** As git reads a pattern with spaces: in quotes, as in C. */
function quote(pattern: string): string {
  if (!/[\s"]/.test(pattern)) return pattern;
  return `"${pattern.replace(/["\\]/g, '\\$&')}"`;
}

function unquote(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
