/** `requests list|show|tail`: single calls as the ledger knows them, and those that were refused. */
import type { RequestQuery } from '#client/requests.ts';
import type { UsageEvent } from '#metering/api.ts';
import { defineCommand } from '../command.ts';
import { formatAmount, formatCount } from '../format.ts';
import { pause } from '#client/pause.ts';
import { printList, printThing } from '../result.ts';
import { renderTable } from '../table.ts';
import { oneLine } from '../text.ts';
import { unitLines } from '../unit-lines.ts';
import { readTime } from './read-time.ts';

const POLL_MS = 1_000;
/** Rows that a look back covers: what several gateways ship late is still seen. */
const TAIL_PAGE = 100;
/** Ids of rows that were shown, so that none is shown twice. */
const SEEN_MAX = 10_000;

const filters = {
  'key-id': { type: 'string', value: 'ID', summary: 'Only of this key.' },
  model: { type: 'string', short: 'm', value: 'NAME', summary: 'Only of this model.' },
  outcome: {
    type: 'string',
    summary: 'Only with this end.',
    choices: ['finished', 'cancelled', 'failed', 'abandoned', 'refused'],
  },
  status: { type: 'number', value: 'N', summary: 'Only with this status; 4 is every 4xx.' },
  cache: {
    type: 'string',
    summary: 'Only what the cache answered, or not.',
    choices: ['hit', 'miss'],
  },
  tag: { type: 'string', value: 'TAG', summary: 'Only of keys that carry it.' },
  tenant: { type: 'string', value: 'ID', summary: 'The operator: of this tenant, or `all`.' },
} as const;

type Filters = Readonly<{
  'key-id': string | undefined;
  model: string | undefined;
  outcome: UsageEvent['outcome'] | undefined;
  status: number | undefined;
  cache: 'hit' | 'miss' | undefined;
  tag: string | undefined;
  tenant: string | undefined;
}>;

const columns = [
  { title: 'AT', value: ({ admittedAt }: UsageEvent) => admittedAt },
  { title: 'REQUEST', value: ({ requestId }: UsageEvent) => requestId },
  { title: 'MODEL', value: ({ modelName }: UsageEvent) => modelName || '-' },
  { title: 'STATUS', align: 'right', value: ({ status }: UsageEvent) => String(status) },
  { title: 'WHY', value: whyOf },
  { title: 'QUEUE', align: 'right', value: ({ queueMs }: UsageEvent) => duration(queueMs) },
  { title: 'FIRST', align: 'right', value: ({ firstByteMs }: UsageEvent) => duration(firstByteMs) },
  { title: 'TOOK', align: 'right', value: ({ durationMs }: UsageEvent) => duration(durationMs) },
  { title: 'IN', align: 'right', value: (event: UsageEvent) => formatCount(inputOf(event)) },
  { title: 'OUT', align: 'right', value: (event: UsageEvent) => formatCount(outputOf(event)) },
  { title: 'AMOUNT', align: 'right', value: ({ amount }: UsageEvent) => formatAmount(amount) },
] as const;

const list = defineCommand({
  words: ['requests', 'list'],
  summary: 'List calls, also refused ones, the newest first.',
  arguments: [],
  options: {
    ...filters,
    from: { type: 'string', value: 'TIME', summary: 'From then on; the last 31 days.' },
    to: { type: 'string', value: 'TIME', summary: 'Until then; now.' },
    limit: { type: 'number', value: 'N', summary: 'How many.', default: 20 },
  },
  examples: ['flywheel requests list --status 5 --model me/qwen3-4b'],
  run: async ({ options }, context) => {
    const client = await context.connect();
    const { data } = await client.requests.list({
      ...queryOf(options),
      from: readTime(options.from),
      to: readTime(options.to),
      limit: options.limit,
    });
    printList(context, data, columns, 'There are no such calls.');
  },
});

const show = defineCommand({
  words: ['requests', 'show'],
  summary: 'Show one call: where its time went, its tokens and what it cost.',
  arguments: [{ name: 'request', kind: 'required', summary: 'Its id: the header x-request-id.' }],
  options: {},
  run: async ({ arguments: { request } }, context) => {
    const client = await context.connect();
    const found = await client.requests.get(request);
    printThing(context, found, [
      ['request', found.requestId],
      ['at', found.admittedAt],
      ['model', found.modelName || '-'],
      ['key', found.keyId],
      ['project', found.projectId],
      ['deployment', found.deploymentId ?? '-'],
      ['outcome', `${found.outcome} (${found.status})`],
      ['why', whyOf(found) || '-'],
      ['cache', found.cache ?? '-'],
      ['in queue', duration(found.queueMs)],
      ['first byte', duration(found.firstByteMs)],
      ['took', duration(found.durationMs)],
      ['input', formatCount(found.inputTokens)],
      ['cached', formatCount(found.cacheReadTokens)],
      ['cache written', formatCount(found.cacheWriteTokens)],
      ['output', formatCount(found.outputTokens)],
      ['reasoning', formatCount(found.reasoningTokens)],
      ...unitLines(found),
      ['amount', `${found.amount} ${found.currency}`],
      ...(found.cost === undefined ? [] : [['cost', `${found.cost} ${found.currency}`] as const]),
      ...(found.margin === undefined
        ? []
        : [['margin', `${found.margin} ${found.currency}`] as const]),
      ['entry', found.entryId === null ? '-' : String(found.entryId)],
    ]);
  },
});

const tail = defineCommand({
  words: ['requests', 'tail'],
  summary: 'Show calls as they end, until Ctrl-C.',
  arguments: [],
  options: filters,
  run: async ({ options }, context) => {
    const client = await context.connect();
    const signal = context.interrupted();
    const { out, notes } = context.terminal;
    const seen = new Set<string>();
    const query = queryOf(options);
    let isFirst = true;
    for (;;) {
      const { data } = await client.requests.list({ ...query, limit: TAIL_PAGE }, { signal });
      const fresh = data.filter((event) => !seen.has(idOf(event))).toReversed();
      for (const event of fresh) seen.add(idOf(event));
      for (const id of seen) {
        if (seen.size <= SEEN_MAX) break;
        seen.delete(id);
      }
      // What was there before is not news.
      if (isFirst) notes.line(notes.style('dim', 'Waiting for calls; Ctrl-C ends.'));
      else
        for (const event of fresh) out.line(context.isJson ? JSON.stringify(event) : line(event));
      isFirst = false;
      await pause(POLL_MS, signal);
    }
  },
});

function queryOf(options: Filters): RequestQuery {
  const { 'key-id': keyId, model, outcome, status, cache, tag, tenant } = options;
  return { keyId, model, outcome, status, cache, tag, tenantId: tenant };
}

const idOf = ({ requestId, attempt }: UsageEvent): string => `${requestId}/${attempt}`;

/** A row of the table, without its heading: the columns of a stream cannot know what is to come. */
function line(event: UsageEvent): string {
  const table = renderTable(columns, [event], (text) => text);
  return oneLine(table.split('\n').at(-1) ?? '');
}

/** `rate_limit_exceeded, 989 more`: those of its minute that are not listed one by one. */
function whyOf({ errorCode, cache, repeats }: UsageEvent): string {
  const more = repeats === undefined ? '' : `, ${formatCount(repeats)} more`;
  return `${errorCode ?? cacheWord(cache)}${more}`;
}

function cacheWord(cache: UsageEvent['cache']): string {
  return cache === null ? '' : `cache ${cache}`;
}

function duration(ms: number | null): string {
  if (ms === null) return '-';
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

const inputOf = (each: UsageEvent): number => each.inputTokens + each.cacheReadTokens;
const outputOf = (each: UsageEvent): number => each.outputTokens + each.reasoningTokens;

export const requestCommands = [list, show, tail];
