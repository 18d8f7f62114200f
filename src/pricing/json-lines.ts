/** On which line each value of a JSON text stands, and where it stops being JSON, for messages to who wrote it. Pure. */

export type JsonPath = readonly (string | number)[];

/** The line of a value, from 1; of the nearest value around it where there is none. */
export function linesOf(text: string): (path: JsonPath) => number {
  const lines = new Map<string, number>();
  const tokens = text.matchAll(TOKENS);
  /** The containers around the token: the key or index that the next value stands under. */
  const around: { isList: boolean; at: string | number; expectsKey: boolean }[] = [];
  const here = (): JsonPath => around.map(({ at }) => at);
  let line = 1;
  for (const [token] of tokens) {
    const inner = around.at(-1);
    if (token === '\n') line += 1;
    else if (token === '{' || token === '[') {
      lines.set(keyOf(here()), line);
      around.push({ isList: token === '[', at: token === '[' ? 0 : '', expectsKey: token === '{' });
    } else if (token === '}' || token === ']') around.pop();
    else if (token === ',' && inner !== undefined) {
      if (inner.isList) inner.at = Number(inner.at) + 1;
      else inner.expectsKey = true;
    } else if (token === ':' && inner !== undefined) inner.expectsKey = false;
    else if (inner?.expectsKey === true) inner.at = String(JSON.parse(token));
    else lines.set(keyOf(here()), line);
  }
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const found = lines.get(keyOf(path.slice(0, length)));
      if (found !== undefined) return found;
    }
    return 1;
  };
}

/** The line of the first token that cannot stand where it does; the last line where the text ends too soon. */
export function faultLine(text: string): number {
  const open: string[] = [];
  let wants: 'value' | 'key' | 'colon' | 'end' = 'value';
  let mayClose = false;
  let line = 1;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '\n') {
      line += 1;
      continue;
    }
    const isClosing = token === '}' || token === ']';
    if (isClosing) {
      if (!(wants === 'end' || mayClose) || open.pop() !== OPENING[token]) return line;
      wants = 'end';
    } else if (wants === 'end') {
      if (token !== ',' || open.length === 0) return line;
      wants = open.at(-1) === '{' ? 'key' : 'value';
    } else if (wants === 'colon') {
      if (token !== ':') return line;
      wants = 'value';
    } else if (wants === 'value' && (token === '{' || token === '[')) {
      open.push(token);
      wants = token === '{' ? 'key' : 'value';
    } else {
      if (!isScalar(token) || (wants === 'key' && !token.startsWith('"'))) return line;
      wants = wants === 'key' ? 'colon' : 'end';
    }
    mayClose = token === '{' || token === '[';
  }
  return line;
}

/** Strings, punctuation, everything else that stands together, and ends of lines. */
const TOKENS = /"(?:[^"\\\n]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+|"|\n/g;
const OPENING = { '}': '{', ']': '[' } as const;

function isScalar(token: string): boolean {
  try {
    JSON.parse(token);
    return true;
  } catch {
    // That it does not parse is the answer.
    return false;
  }
}

const keyOf = (path: JsonPath): string => JSON.stringify(path.map(String));
