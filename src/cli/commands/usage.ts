/** `usage`, `usage events`, `usage event`. */
import type { UsageEvent, UsageReport } from '#metering/api.ts';
import { defineCommand } from '../command.ts';
import { formatAmount, formatCount } from '../format.ts';
import { printJson, printList, printThing } from '../result.ts';
import { addUnitSums, formatUnitSums, unitLines } from '../unit-lines.ts';
import { readTime } from './read-time.ts';

type Sum = UsageReport['total'];

const report = defineCommand({
  words: ['usage'],
  summary: 'Sum up calls, tokens and amounts over time.',
  arguments: [],
  options: {
    from: { type: 'string', value: 'TIME', summary: 'From then on; the last week.' },
    to: { type: 'string', value: 'TIME', summary: 'Until then; now.' },
    by: {
      type: 'string',
      summary: 'What to sum by.',
      choices: ['model', 'key', 'project', 'tag', 'none'],
      default: 'model',
    },
    tag: { type: 'string', value: 'TAG', summary: 'Only of keys that carry it.' },
    tenant: { type: 'string', value: 'ID', summary: 'The operator: of this tenant, or `all`.' },
    currency: {
      type: 'string',
      value: 'CODE',
      summary: 'The operator: of `all`, in USD; its own.',
    },
    interval: {
      type: 'string',
      summary: 'How fine; with --json.',
      choices: ['hour', 'day'],
      default: 'day',
    },
  },
  examples: ['flywheel usage --by key --from 2030-01-01', 'flywheel usage --by tag'],
  run: async ({ options: { from, to, by, tag, tenant, currency, interval } }, context) => {
    const client = await context.connect();
    const found = await client.usage.report({
      from: readTime(from),
      to: readTime(to),
      groupBy: by,
      tag,
      tenantId: tenant,
      currency,
      interval,
    });
    if (context.isJson) return printJson(context, found);
    const { notes } = context.terminal;
    notes.line(notes.style('dim', `${found.from} to ${found.to}`));
    return printList(
      context,
      [...sumByGroup(found), { ...found.total, group: 'total' }],
      [
        { title: by === 'none' ? '' : by.toUpperCase(), value: ({ group }) => group },
        number('CALLS', ({ calls }) => calls),
        number('INPUT', ({ inputTokens }) => inputTokens),
        number('CACHED', ({ cacheReadTokens }) => cacheReadTokens),
        number('OUTPUT', ({ outputTokens }) => outputTokens),
        number('REASONING', ({ reasoningTokens }) => reasoningTokens),
        ...(found.total.units.length === 0
          ? []
          : [{ title: 'OTHER', value: ({ units }: Sum) => formatUnitSums(units) }]),
        { title: 'AMOUNT', align: 'right', value: (sum) => formatAmount(sum.amount) },
        ...(found.total.cost === undefined ? [] : costColumns),
        { title: 'CURRENCY', value: ({ currency }) => currency },
      ],
      '',
    );
  },
});

/** The operator's: what external providers ask, and what is left. */
const costColumns = [
  { title: 'COST', align: 'right', value: ({ cost = '0' }: Sum) => formatAmount(cost) },
  { title: 'MARGIN', align: 'right', value: ({ margin = '0' }: Sum) => formatAmount(margin) },
] as const;

function number(title: string, value: (sum: Sum) => number) {
  return { title, align: 'right', value: (sum: Sum) => formatCount(value(sum)) } as const;
}

/** Buckets of one group over all its times, the dearest first. */
function sumByGroup({ groupBy, buckets }: UsageReport): (Sum & { group: string })[] {
  // Without a tag, calls are a group like the others; without grouping there is the total alone.
  const nameOfRest = groupBy === 'tag' ? '(no tag)' : null;
  const groups = new Map<string, Sum & { group: string }>();
  for (const bucket of buckets) {
    const group = bucket.group ?? nameOfRest;
    if (group === null) continue;
    const old = groups.get(group);
    groups.set(group, { ...(old === undefined ? bucket : add(old, bucket)), group });
  }
  return [...groups.values()].toSorted((a, b) => Number(b.amount) - Number(a.amount));
}

function add(left: Sum, right: Sum): Sum {
  return {
    calls: left.calls + right.calls,
    inputTokens: left.inputTokens + right.inputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    reasoningTokens: left.reasoningTokens + right.reasoningTokens,
    units: addUnitSums(left.units, right.units),
    amount: addAmounts(left.amount, right.amount),
    ...(left.cost === undefined || right.cost === undefined
      ? {}
      : { cost: addAmounts(left.cost, right.cost) }),
    ...(left.margin === undefined || right.margin === undefined
      ? {}
      : { margin: addAmounts(left.margin, right.margin) }),
    currency: left.currency,
  };
}

const DECIMALS = 12;

/** Exact, as decimal strings to twelve places; floating point would lose the last digits. */
export function addAmounts(left: string, right: string): string {
  const sum = toPico(left) + toPico(right);
  const sign = sum < 0n ? '-' : '';
  const digits = (sum < 0n ? -sum : sum).toString().padStart(DECIMALS + 1, '0');
  return `${sign}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}

function toPico(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.replace(/^-/, '').split('.');
  const size = BigInt(whole + fraction.padEnd(DECIMALS, '0').slice(0, DECIMALS));
  return amount.startsWith('-') ? -size : size;
}

const events = defineCommand({
  words: ['usage', 'events'],
  summary: 'List the latest calls, one by one.',
  arguments: [],
  options: { limit: { type: 'number', value: 'N', summary: 'How many.', default: 20 } },
  run: async ({ options: { limit } }, context) => {
    const client = await context.connect();
    const { data } = await client.usage.events({ limit });
    printList(
      context,
      data,
      [
        { title: 'AT', value: ({ admittedAt }) => admittedAt },
        { title: 'REQUEST', value: ({ requestId }) => requestId },
        { title: 'MODEL', value: ({ modelName }) => modelName },
        { title: 'OUTCOME', value: ({ outcome }) => outcome },
        { title: 'IN', align: 'right', value: (event) => formatCount(inputOf(event)) },
        { title: 'OUT', align: 'right', value: (event) => formatCount(outputOf(event)) },
        { title: 'AMOUNT', align: 'right', value: ({ amount }) => formatAmount(amount) },
        { title: 'CURRENCY', value: ({ currency }) => currency },
      ],
      'No calls yet.',
    );
  },
});

const event = defineCommand({
  words: ['usage', 'event'],
  summary: 'Show one call: its tokens, what it cost, and where it is in the ledger.',
  arguments: [{ name: 'request', kind: 'required', summary: 'Its id: the header x-request-id.' }],
  options: {},
  run: async ({ arguments: { request } }, context) => {
    const client = await context.connect();
    const found = await client.usage.event(request);
    printThing(context, found, [
      ['request', found.requestId],
      ['model', found.modelName],
      ['outcome', `${found.outcome} (${found.status})`],
      ['input', formatCount(found.inputTokens)],
      ['cached', formatCount(found.cacheReadTokens)],
      ['cache written', formatCount(found.cacheWriteTokens)],
      ['output', formatCount(found.outputTokens)],
      ['reasoning', formatCount(found.reasoningTokens)],
      ...unitLines(found),
      ['amount', `${found.amount} ${found.currency}`],
      ['entry', found.entryId === null ? '-' : String(found.entryId)],
      ['first byte', found.firstByteMs === null ? '-' : `${Math.round(found.firstByteMs)} ms`],
      ['took', `${Math.round(found.durationMs)} ms`],
    ]);
  },
});

const inputOf = (each: UsageEvent): number => each.inputTokens + each.cacheReadTokens;
const outputOf = (each: UsageEvent): number => each.outputTokens + each.reasoningTokens;

export const usageCommands = [report, events, event];
