/** `ledger verify`, `ledger findings`. */
import type { BookCheck } from '#reconciliation/api.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { formatAgo, formatCount } from '../format.ts';
import { createProgressLine } from '../progress.ts';
import { printDone, printJson, printList } from '../result.ts';

const COLUMNS = [
  { title: 'LAW', value: ({ law }: Row) => law },
  { title: 'WHERE', value: ({ subject }: Row) => subject },
  { title: 'WHAT', value: ({ detail }: Row) => detail },
];

type Row = BookCheck['findings'][number];

const verify = defineCommand({
  words: ['ledger', 'verify'],
  summary: 'Prove the books from their rows.',
  details: `Runs every law over every row: what gateways wrote was shipped, recorded, rated again at its pinned
price, posted once, summed and invoiced; every entry sums to zero, every balance is the fold of its postings,
every hold has ended. Exits with 1 and names the rows when a law is broken. The same laws run all the time;
\`ledger findings\` says what they found without looking again.`,
  arguments: [],
  options: {},
  run: async (_, context) => {
    const { terminal, isJson } = context;
    const client = await context.connect();
    const line = createProgressLine(terminal.notes, Date.now, formatCount);
    const found = await client.books
      .verify({
        onProgress: ({ law, lawsDone, lawsTotal }) => {
          if (!isJson && terminal.notes.isTerminal) line.update(law ?? '', lawsDone, lawsTotal);
        },
      })
      .finally(() => line.end());
    const exitCode = found.holds ? EXIT.ok : EXIT.failed;
    if (isJson) printJson(context, found);
    else report(context, found);
    return exitCode;
  },
});

function report(context: Parameters<typeof printDone>[0], found: BookCheck): void {
  const { holds, events, examined, lawsTotal, quarantined, findings, problem } = found;
  const { notes } = context.terminal;
  if (holds) {
    const rows = `${lawsTotal} laws over ${formatCount(examined)} rows`;
    const waiting = quarantined === 0 ? '' : ` ${quarantined} records wait in quarantine.`;
    return printDone(
      context,
      `All laws hold over ${formatCount(events)} calls: ${rows}.${waiting}`,
      found,
    );
  }
  printList(context, findings, COLUMNS, '');
  if (problem === null) {
    notes.line(notes.style('red', `✖ ${findings.length} rows break a law.`));
  } else {
    notes.line(notes.style('red', `✖ The books could not be read to the end: ${problem}`));
  }
}

const findings = defineCommand({
  words: ['ledger', 'findings'],
  summary: 'What the continuous proof of the books has found.',
  details: 'Exits with 1 while a finding is open.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const books = await client.books.get();
    const exitCode = books.findings.length === 0 ? EXIT.ok : EXIT.failed;
    if (context.isJson) {
      printJson(context, books);
      return exitCode;
    }
    const oldest = books.laws.map(({ lastRunAt }) => lastRunAt ?? '').toSorted()[0] ?? '';
    printList(
      context,
      books.findings.map((finding) => ({ ...finding, law: finding.says })),
      [
        ...COLUMNS,
        { title: 'SINCE', value: ({ firstSeenAt }) => formatAgo(firstSeenAt, Date.now()) },
      ],
      oldest === ''
        ? 'Nothing found so far; not every law has been run yet.'
        : `Nothing found. The law that was run over everything longest ago: ${formatAgo(oldest, Date.now())}.`,
    );
    return exitCode;
  },
});

export const ledgerCommands = [verify, findings];
