/** Follows a JSON object through a stream of characters, to know where it ends. */
export type ObjectScanner = Readonly<{
  /** Takes characters of `text` up to the object's end, or up to a `<` that JSON cannot hold there. */
  take: (text: string) => Readonly<{ length: number; state: 'open' | 'closed' | 'broken' }>;
}>;

export function createObjectScanner(): ObjectScanner {
  let depth = 0;
  let inString = false;
  let escaped = false;

  const step = (character: string): void => {
    if (escaped) escaped = false;
    else if (inString && character === '\\') escaped = true;
    else if (character === '"') inString = !inString;
    else if (!inString && (character === '{' || character === '[')) depth += 1;
    else if (!inString && (character === '}' || character === ']')) depth -= 1;
  };

  return {
    take: (text) => {
      for (let i = 0; i < text.length; i += 1) {
        const character = text.charAt(i);
        if (!inString && character === '<') return { length: i, state: 'broken' };
        step(character);
        if (depth === 0) return { length: i + 1, state: 'closed' };
      }
      return { length: text.length, state: 'open' };
    },
  };
}
