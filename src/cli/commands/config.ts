/** `config`: the settings in force, from the same table that reads them. */
import { VARIABLES } from '#platform/config.ts';
import { defineCommand } from '../command.ts';
import { printList } from '../result.ts';

type Row = Readonly<{ name: string; value: string | number | null; describe: string }>;

const config = defineCommand({
  words: ['config'],
  summary: 'Show every setting, its value here, and what it is for.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const settings = new Map<string, string | number | null>(Object.entries(context.settings()));
    const rows = Object.entries(VARIABLES).map(([name, variable]): Row => {
      const value = settings.get(name) ?? null;
      const isHidden = 'secret' in variable && value !== null;
      return { name, value: isHidden ? '(set)' : value, describe: variable.describe };
    });
    printList(
      context,
      rows,
      [
        { title: 'SETTING', value: ({ name }) => name },
        { title: 'VALUE', value: ({ value }) => (value === null ? '-' : String(value)) },
        { title: 'FOR', value: ({ describe }) => describe },
      ],
      '',
    );
  },
});

export const configCommands = [config];
