/**
 * The vocabulary of the tiny test model: byte-level BPE in GPT-2's alphabet with merges learned from a fixed text,
 * then ChatML's and Qwen's own tokens. Chinese letters stay split over several tokens on purpose: that is what makes
 * half characters appear in a stream.
 */
const MERGES_MAX = 200;

/** llama.cpp's token types, see `llama_token_type`. */
const NORMAL = 1;
const CONTROL = 3;
const USER_DEFINED = 4;

const CORPUS = `the model answers the question and the machine counts every token that it returns to the caller
when the caller asks for the weather the model calls the tool with the name of the city and then answers
hello world this is a small model with a small vocabulary and it is used to test the engine of the cloud
the user said that the engine should stop when the user leaves and that it should never send half of a letter
{"name": "get_weather", "arguments": {"city": "Paris"}} {"answer": true, "number": 12, "list": [1, 2, 3]}`;

export type TinyVocabulary = Readonly<{
  tokens: readonly string[];
  types: readonly number[];
  merges: readonly string[];
  endOfTurn: number;
  endOfText: number;
}>;

export function tinyVocabulary(): TinyVocabulary {
  const alphabet = byteAlphabet();
  const merges = learnMerges(alphabet);
  const plain = [...alphabet, ...merges.map((pair) => pair.replace(' ', ''))];
  const control = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];
  const marks = [
    '<tool_call>',
    '</tool_call>',
    '<tool_response>',
    '</tool_response>',
    '<think>',
    '</think>',
  ];
  return {
    tokens: [...plain, ...control, ...marks],
    types: [
      ...plain.map(() => NORMAL),
      ...control.map(() => CONTROL),
      ...marks.map(() => USER_DEFINED),
    ],
    merges,
    endOfText: plain.length,
    endOfTurn: plain.length + 2,
  };
}

/** GPT-2's printable stand-in for each byte, in byte order. */
function byteAlphabet(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(printable ? byte : next++);
  });
}

function learnMerges(alphabet: readonly string[]): string[] {
  const space = alphabet[32] ?? ' ';
  let words = CORPUS.split(/\s+/).map((word) => [space, ...word]);
  const merges: string[] = [];
  while (merges.length < MERGES_MAX) {
    const best = mostFrequentPair(words);
    if (best === undefined) break;
    merges.push(best);
    words = words.map((word) => mergePair(word, best));
  }
  return merges;
}

function mostFrequentPair(words: readonly (readonly string[])[]): string | undefined {
  const counts = new Map<string, number>();
  for (const word of words) {
    for (let i = 1; i < word.length; i++) {
      const pair = `${word[i - 1]} ${word[i]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  }
  // Equal counts fall back on the text itself, so that the order never depends on the engine's sort.
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}

function mergePair(word: readonly string[], pair: string): string[] {
  const merged: string[] = [];
  for (const part of word) {
    const last = merged.at(-1);
    if (last !== undefined && `${last} ${part}` === pair) merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  return merged;
}
