/** `hub verify`: whether what the hub keeps is what it was. */
import type { HubCheck } from '#hub/verify/api.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { formatBytes, formatCount } from '../format.ts';
import { createProgressLine } from '../progress.ts';
import { printDone, printJson, printList } from '../result.ts';

const verify = defineCommand({
  words: ['hub', 'verify'],
  summary: 'Read what the hub keeps and name what is not as it was.',
  details: `Reads every blob and xorb, compares each with its hashes, and names what is damaged or missing: the
object, of a xorb the chunk and its bytes, and the files of which repositories it is in. What lies around and
belongs to nobody is listed too. Exits with 1 when something is damaged or missing. The same runs all the
time, slowly; the console shows what it found under Settings, Cloud. For the operator.`,
  arguments: [],
  options: {
    repo: {
      type: 'string',
      value: 'OWNER/NAME',
      summary: 'What this repository is made of, alone.',
    },
    type: {
      type: 'string',
      summary: 'What kind of repository that is.',
      choices: ['model', 'dataset', 'space'],
      default: 'model',
    },
  },
  examples: ['flywheel hub verify', 'flywheel hub verify --repo acme/llama --json'],
  run: async ({ options: { repo, type } }, context) => {
    const { terminal, isJson } = context;
    const client = await context.connect();
    const line = createProgressLine(terminal.notes, Date.now, formatBytes);
    const kind = type === 'dataset' || type === 'space' ? type : 'model';
    const found = await client.storage
      .verify(repo === undefined ? {} : { repository: { kind, name: repo } }, {
        onProgress: ({ objects, bytes }) => {
          if (isJson || !terminal.notes.isTerminal) return;
          line.update(objectsOf(objects), bytes, null);
        },
      })
      .finally(() => line.end());
    if (isJson) printJson(context, found);
    else report(context, found);
    return found.holds ? EXIT.ok : EXIT.failed;
  },
});

function objectsOf(count: number): string {
  return count === 1 ? '1 object' : `${formatCount(count)} objects`;
}

function report(context: Parameters<typeof printDone>[0], found: HubCheck): void {
  const { holds, faults, objects, bytes, problem } = found;
  const { notes } = context.terminal;
  if (faults.length > 0) {
    printList(
      context,
      faults.map(({ says, object, detail, files }) => ({ says, object, detail, files })),
      [
        { title: 'WHAT', value: ({ says }) => says },
        { title: 'OBJECT', value: ({ object }) => `${object.kind} ${object.name.slice(0, 24)}` },
        { title: 'DETAIL', value: ({ detail }) => detail },
        {
          title: 'FILES',
          value: ({ files }) =>
            files.length === 0
              ? '-'
              : `${files[0]?.repository}@${files[0]?.revision.slice(0, 8)}:${files[0]?.path}${
                  files.length === 1 ? '' : ` and ${files.length - 1} more`
                }`,
        },
      ],
      '',
    );
  }
  const read = `${objectsOf(objects)}, ${formatBytes(bytes)} read`;
  if (holds) return printDone(context, `Everything is as it was: ${read}.`, found);
  if (problem === null) {
    const count = faults.filter(({ says }) => says !== 'orphaned').length;
    notes.line(notes.style('red', `✖ Damaged or missing: ${objectsOf(count)}; ${read}.`));
  } else {
    notes.line(notes.style('red', `✖ Not everything could be read: ${problem}`));
  }
}

export const hubStorageCommands = [verify];
