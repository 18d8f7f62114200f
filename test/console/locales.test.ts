/** Both languages say the same things, nothing is said twice over, and nothing said is never shown. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const CONSOLE = join(import.meta.dirname, '..', '..', 'console');

/** Where i18next looks for the plural forms of a counted text. */
const PLURAL = /_(?:zero|one|two|few|many|other)$/;

describe('the locales', () => {
  const english = readLocale('en');
  const chinese = readLocale('zh-CN');

  it('have the same keys', () => {
    assert.deepEqual([...chinese.keys()].toSorted(), [...english.keys()].toSorted());
  });

  it('have the same blanks to fill in', () => {
    const blanks = (text: string): string[] => (text.match(/\{\{\w+\}\}/g) ?? []).toSorted();
    for (const [key, text] of english) {
      assert.deepEqual(blanks(chinese.get(key) ?? ''), blanks(text), key);
    }
  });

  it('have no empty text and no text that was never translated', () => {
    // Names and letters that are the same everywhere.
    const shared = new Set(['Token', 'Tokens', 'Top P', '{{done}} / {{total}}']);
    for (const [key, text] of chinese) {
      assert.notEqual(text.trim(), '', key);
      if (!shared.has(text)) assert.match(text, /\p{Script=Han}/u, `${key}: ${text}`);
    }
  });

  it('have no key that the console never names', () => {
    const code = globSync('**/*.{ts,tsx}', { cwd: CONSOLE, exclude: ['dist/**'] })
      .map((file) => readFileSync(join(CONSOLE, file), 'utf8'))
      .join('\n');
    const unused = [...english.keys()]
      .map((key) => key.replace(PLURAL, ''))
      .filter((key) => !code.includes(`'${key}'`));
    assert.deepEqual(unused, []);
  });
});

function readLocale(language: string): Map<string, string> {
  const file = join(CONSOLE, 'locales', `${language}.json`);
  const groups: Record<string, Record<string, string>> = JSON.parse(readFileSync(file, 'utf8'));
  return new Map(
    Object.entries(groups).flatMap(([group, texts]) =>
      Object.entries(texts).map(([name, text]): [string, string] => [`${group}.${name}`, text]),
    ),
  );
}
