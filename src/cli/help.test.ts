import { describe, it } from 'node:test';
import { COMMANDS, GROUPS } from './commands.ts';
import { renderHelp } from './help.ts';

/**
 * The whole help, as a person reads it, is in help.test.ts.snapshot for review; renew it with
 * `node --test --test-update-snapshots src/cli/help.test.ts`.
 */
describe('help', () => {
  const nouns = [...new Set(COMMANDS.map(({ words }) => words[0]))].map((noun) => [noun]);
  const pages = [[], ...nouns, ...COMMANDS.map(({ words }) => words)];
  const plain = (words: readonly string[]): string =>
    renderHelp(words, COMMANDS, GROUPS, (_, text) => text);

  it('is as reviewed', (test) => {
    const seen = new Map(pages.map((words) => [words.join(' '), plain(words)]));
    const all = [...seen].map(([words, text]) => `$ flywheel ${words} --help\n\n${text}`);

    test.assert.snapshot(all.join('\n\n'), { serializers: [(text: string) => text] });
  });
});
