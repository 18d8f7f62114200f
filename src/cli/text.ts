/**
 * Text as a terminal shows it: how wide it is, and what of it is safe to show. Pure. Names, logs and
 * answers come from others and could hold escape sequences that repaint the screen or type for the
 * reader; those never get through.
 */
import { stripVTControlCharacters } from 'node:util';

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\ufe0f/u;
const INVISIBLE = /^[\p{Mark}\p{Cf}]+$/u;
/** Control characters but tab and line feed, and those that turn the reading direction around. */
const UNSAFE = /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

const graphemes = new Intl.Segmenter();

/** Columns a line takes, with colours counted as nothing and CJK as two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) {
    if (INVISIBLE.test(segment)) continue;
    width += WIDE.test(segment) ? 2 : 1;
  }
  return width;
}

/** Several lines, without anything a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, '');
}

/** One line of it. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, ' ').trim();
}
