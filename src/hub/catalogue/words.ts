/**
 * Words to search by, in languages with spaces and without: Latin words as they stand, Chinese, Japanese and
 * Korean text by each character and each pair. Pure. The database holds them as they come from here, and the
 * words of names by `name_words`, which cuts the same way.
 */

/** Of one card; what comes later in it is found by its title and summary. */
const WORDS_MAX = 400;
const WORD_LENGTH_MAX = 60;
const QUERY_WORDS_MAX = 16;

const HAN = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}`;
const PIECE = new RegExp(String.raw`[${HAN}]+|(?:(?![${HAN}])[\p{L}\p{N}.])+`, 'gu');
const IS_HAN = new RegExp(`^[${HAN}]`, 'u');

/** Distinct words of texts, the most telling text first. */
export function wordsOf(texts: readonly string[]): readonly string[] {
  const words = new Set<string>();
  for (const text of texts) {
    for (const piece of piecesOf(text)) {
      for (const word of IS_HAN.test(piece) ? [...piece, ...pairsOf(piece)] : latinWords(piece)) {
        if (words.size >= WORDS_MAX) return [...words];
        words.add(word.slice(0, WORD_LENGTH_MAX));
      }
    }
  }
  return [...words];
}

/**
 * What somebody typed, as PostgreSQL's tsquery: all of its words, each by its beginning, for people search
 * while they type. Null where there is no word in it.
 */
export function searchQuery(typed: string): string | null {
  const words = piecesOf(typed).flatMap((piece) => {
    if (!IS_HAN.test(piece)) return [piece];
    const pairs = pairsOf(piece);
    return pairs.length > 0 ? pairs : [piece];
  });
  const wanted = [...new Set(words)].slice(0, QUERY_WORDS_MAX);
  if (wanted.length === 0) return null;
  // Letters, digits and dots only: nothing in a word can end its quotes.
  return wanted.map((word) => `'${word.slice(0, WORD_LENGTH_MAX)}':*`).join(' & ');
}

function piecesOf(text: string): readonly string[] {
  const pieces = text.normalize('NFKC').toLowerCase().match(PIECE) ?? [];
  return pieces.map((piece) => piece.replace(/^\.+|\.+$/g, '')).filter((piece) => piece !== '');
}

/** `qwen2.5` is found by that, and its parts as names' parts are. */
function latinWords(piece: string): readonly string[] {
  return piece.includes('.') ? [piece, ...piece.split('.').filter((part) => part !== '')] : [piece];
}

function pairsOf(piece: string): readonly string[] {
  const characters = [...piece];
  return characters.slice(1).map((character, index) => `${characters[index] ?? ''}${character}`);
}
