/**
 * Which files a .gitignore leaves out, for `shouldIgnore` of preupload. Pure. The patterns of
 * https://git-scm.com/docs/gitignore: `*`, `?`, `[…]`, `**`, a leading or inner slash that anchors, a
 * trailing one for folders, `!` that takes back. The last pattern that fits decides.
 */
export type IgnoreRules = (path: string) => boolean;

/** Beyond it a list of patterns is a mistake or an attack. */
const PATTERNS_MAX = 2_000;
const PATTERN_LENGTH_MAX = 500;

export function parseIgnore(text: string): IgnoreRules {
  const rules = text
    .split(/\r?\n/)
    .slice(0, PATTERNS_MAX)
    .map((line) => line.replace(/(?<!\\)\s+$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#') && line.length <= PATTERN_LENGTH_MAX)
    .map((line) => ({ isTakenBack: line.startsWith('!'), expression: expressionOf(line) }));
  return (path) => {
    let isIgnored = false;
    for (const { isTakenBack, expression } of rules) {
      if (expression.test(path)) isIgnored = !isTakenBack;
    }
    return isIgnored;
  };
}

function expressionOf(line: string): RegExp {
  const pattern = line.replace(/^!/, '').replace(/^\\(?=[!#])/, '');
  const isFolder = pattern.endsWith('/');
  const plain = pattern.replace(/^\/|\/$/g, '');
  const isAnchored = pattern.replace(/\/$/, '').includes('/');
  const body = plain
    .split('/')
    .map((part) => (part === '**' ? '**' : partOf(part)))
    .join('/')
    .replaceAll('**/', '(?:[^/]+/)*')
    .replaceAll('/**', '/.+');
  return new RegExp(`^${isAnchored ? '' : '(?:[^/]+/)*'}${body}${isFolder ? '/.+' : '(?:/.+)?'}$`);
}

/** One name: stars that stand together are one, so that no pattern takes longer than it is long. */
function partOf(part: string): string {
  return part
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|\\[\]]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replace(/\\\[(!?)([^\]\\/]+)\\\]/g, (_, negated: string, set: string) =>
      negated === '' ? `[${set}]` : `[^${set}]`,
    );
}
