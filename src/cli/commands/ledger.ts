/** `ledger verify`. */
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { formatCount } from '../format.ts';
import { printDone, printList } from '../result.ts';

const verify = defineCommand({
  words: ['ledger', 'verify'],
  summary: 'Prove the books from their rows.',
  details: `Every entry sums to zero, every balance is the fold of its postings, every measured call is
rated at its pinned price and posted once. Exits with 1 and names the rows when a law is broken.`,
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const found = await client.ledger.verify();
    const { holds, events, quarantined, findings } = found;
    if (holds || context.isJson) {
      const waiting = quarantined === 0 ? '' : ` ${quarantined} records wait in quarantine.`;
      printDone(context, `All laws hold over ${formatCount(events)} calls.${waiting}`, found);
      return holds ? EXIT.ok : EXIT.failed;
    }
    printList(
      context,
      findings,
      [
        { title: 'LAW', value: ({ law }) => law },
        { title: 'WHERE', value: ({ subject }) => subject },
        { title: 'WHAT', value: ({ detail }) => detail },
      ],
      '',
    );
    return EXIT.failed;
  },
});

export const ledgerCommands = [verify];
