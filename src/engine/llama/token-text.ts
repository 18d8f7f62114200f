/**
 * Turns a stream of tokens into a stream of text that never ends inside a character. A character's
 * bytes may lie in several tokens; decoded alone they become U+FFFD. Only the last U+FFFD of a text
 * can still turn into a character, so exactly that one is held back.
 */
export type Detokenize<Token> = (tokens: readonly Token[], before: readonly Token[]) => string;

export type TokenText<Token> = Readonly<{
  /** The text that became certain with this token. */
  push: (token: Token) => string;
  /** What is left when no token follows: at most one U+FFFD. */
  end: () => string;
}>;

const REPLACEMENT = '\u{FFFD}';

/** An unfinished character has at most three bytes, and a token at least one. */
const UNFINISHED_TOKENS_MAX = 3;

/** Tokens before the current ones that a tokenizer may need to decide about a leading space. */
const BEFORE_TOKENS = 4;

export function createTokenText<Token>(detokenize: Detokenize<Token>): TokenText<Token> {
  let before: Token[] = [];
  let open: Token[] = [];
  /** How much of the open tokens' text was already given out. */
  let given = 0;

  const settle = (count: number): void => {
    before = [...before, ...open.slice(0, count)].slice(-BEFORE_TOKENS);
    open = open.slice(count);
  };

  return {
    push: (token) => {
      open.push(token);
      const text = detokenize(open, before);
      const unfinished = text.endsWith(REPLACEMENT);
      const out = text.slice(given, unfinished ? -1 : undefined);
      if (!unfinished) {
        settle(open.length);
        given = 0;
      } else if (open.length > UNFINISHED_TOKENS_MAX) {
        // Drop what cannot belong to the last character; decoding restarts cleanly at its first byte.
        settle(open.length - UNFINISHED_TOKENS_MAX);
        given = detokenize(open, before).length - 1;
      } else {
        given = text.length - 1;
      }
      return out;
    },
    end: () => {
      const out = open.length === 0 ? '' : detokenize(open, before).slice(given);
      open = [];
      given = 0;
      return out;
    },
  };
}
