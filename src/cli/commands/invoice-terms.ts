/** `invoices terms`: how a tenant is billed, shown and changed. */
import type { BillingTerms, BillingTermsUpdate } from '#invoices/api.ts';
import { defineCommand } from '../command.ts';
import { printDone, printThing } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const ACTIONS = ['warn', 'restrict', 'stop'] as const;

export const terms = defineCommand({
  words: ['invoices', 'terms'],
  summary: 'Show or set how a tenant is billed; only the operator sets.',
  details:
    'A prepaid tenant may not go below zero; a postpaid one may, as far as its credit line, and pays ' +
    'its invoices within some days. Dunning steps are days after the due date: warn tells the tenant, ' +
    'restrict admits nothing that costs money, stop admits nothing. Tax holds for every month that is ' +
    'not closed yet on the day it begins. The currency was chosen with the tenant and stays.',
  arguments: [{ name: 'tenant', kind: 'optional', summary: 'Its id; your own without it.' }],
  options: {
    mode: {
      type: 'string',
      value: 'MODE',
      choices: ['prepaid', 'postpaid'],
      summary: 'When it pays: prepaid or postpaid.',
    },
    'credit-line': { type: 'string', value: 'AMOUNT', summary: 'How far below zero it may go.' },
    'time-zone': {
      type: 'string',
      value: 'ZONE',
      summary: 'Whose midnights its months begin at, such as Asia/Shanghai.',
    },
    language: {
      type: 'string',
      value: 'LANGUAGE',
      choices: ['en', 'zh-CN'],
      summary: 'Of its papers: en or zh-CN.',
    },
    'due-days': { type: 'number', value: 'DAYS', summary: 'To pay an invoice in.' },
    'grace-hours': {
      type: 'number',
      value: 'HOURS',
      summary: 'After a month, for usage that is on its way.',
    },
    dunning: {
      type: 'string',
      value: 'STEPS',
      summary: 'Such as 1:warn,7:restrict,30:stop; none for no steps.',
    },
    'tax-name': { type: 'string', value: 'NAME', summary: 'What the law calls it, such as VAT.' },
    'tax-mode': {
      type: 'string',
      value: 'MODE',
      choices: ['exclusive', 'inclusive', 'exempt'],
      summary: 'On top of prices, within them, or none: exclusive, inclusive, exempt.',
    },
    'tax-rate': { type: 'string', value: 'PERCENT', summary: 'Such as 6 or 8.25.' },
    'tax-reason': { type: 'string', value: 'TEXT', summary: 'Why none is due; printed.' },
    'tax-from': {
      type: 'string',
      value: 'TIME',
      summary: 'When it begins, as an ISO time; now without it.',
    },
  },
  examples: [
    'flywheel invoices terms ten_01 --mode postpaid --credit-line 5000 --due-days 30',
    'flywheel invoices terms ten_01 --tax-name VAT --tax-mode exclusive --tax-rate 6',
  ],
  run: async ({ arguments: { tenant }, options }, context) => {
    const client = await context.connect();
    const change = changeOf(options);
    if (Object.keys(change).length === 0) {
      const found = await client.invoices.terms({ tenantId: tenant });
      return printThing(context, found, factsOf(found));
    }
    if (tenant === undefined) throw new UsageError('Name the tenant whose terms are to change.');
    const now = await client.invoices.setTerms(tenant, change);
    printDone(context, `The terms of ${now.tenantName} are changed.`, now);
    if (!context.isJson) printThing(context, now, factsOf(now));
  },
});

type Options = Readonly<{
  mode: BillingTerms['mode'] | undefined;
  'credit-line': string | undefined;
  'time-zone': string | undefined;
  language: BillingTerms['language'] | undefined;
  'due-days': number | undefined;
  'grace-hours': number | undefined;
  dunning: string | undefined;
  'tax-name': string | undefined;
  'tax-mode': BillingTerms['taxRates'][number]['mode'] | undefined;
  'tax-rate': string | undefined;
  'tax-reason': string | undefined;
  'tax-from': string | undefined;
}>;

function changeOf(options: Options): BillingTermsUpdate {
  const { mode, language, dunning } = options;
  const tax = taxOf(options);
  const given = {
    mode,
    language,
    creditLine: options['credit-line'],
    timeZone: options['time-zone'],
    dueDays: options['due-days'],
    graceHours: options['grace-hours'],
    dunning: dunning === undefined ? undefined : stepsOf(dunning),
    tax,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function taxOf(options: Options): BillingTermsUpdate['tax'] {
  const { 'tax-name': name, 'tax-mode': mode, 'tax-rate': rate } = options;
  const { 'tax-reason': reason, 'tax-from': effectiveFrom } = options;
  const isAsked = [name, mode, rate, reason, effectiveFrom].some((each) => each !== undefined);
  if (!isAsked) return undefined;
  if (name === undefined || mode === undefined || (rate === undefined && mode !== 'exempt')) {
    throw new UsageError('A tax has --tax-name, --tax-mode and, unless it is exempt, --tax-rate.');
  }
  return {
    name,
    mode,
    ratePpm: mode === 'exempt' ? 0 : ppmOf(rate ?? ''),
    ...(reason === undefined ? {} : { reason }),
    ...(effectiveFrom === undefined ? {} : { effectiveFrom }),
  };
}

/** `8.25` per cent is 82500 millionths. */
function ppmOf(percent: string): number {
  const match = /^(\d{1,3})(?:\.(\d{1,4}))?$/.exec(percent);
  if (match === null) throw new UsageError('A tax rate is a per cent such as 6 or 8.25.');
  return Number(match[1]) * 10_000 + Number((match[2] ?? '').padEnd(4, '0'));
}

function stepsOf(text: string): BillingTerms['dunning'] {
  if (text === 'none') return [];
  return text.split(',').map((step) => {
    const [, days, name] = /^(\d{1,3}):([a-z]+)$/.exec(step.trim()) ?? [];
    const action = ACTIONS.find((each) => each === name);
    if (days === undefined || action === undefined) {
      throw new UsageError('Steps are written as in 1:warn,7:restrict,30:stop.');
    }
    return { afterDays: Number(days), action };
  });
}

function factsOf(found: BillingTerms): readonly (readonly [string, string])[] {
  const [tax] = found.taxRates;
  return [
    ['tenant', `${found.tenantName} (${found.tenantId})`],
    ['mode', found.mode],
    ['currency', found.currency],
    ['credit line', found.creditLine],
    ['time zone', found.timeZone],
    ['language', found.language],
    ['due', `${found.dueDays} days after the invoice`],
    ['grace', `${found.graceHours} hours after the month`],
    [
      'dunning',
      found.dunning.map(({ afterDays, action }) => `${afterDays}:${action}`).join(', ') || 'none',
    ],
    [
      'tax',
      tax === undefined
        ? 'none'
        : `${tax.name} ${tax.ratePpm / 10_000} %, ${tax.mode}, from ${tax.effectiveFrom}`,
    ],
    ['restriction', found.restriction ?? 'none'],
    ['closed until', found.closedUntil ?? 'nothing is closed yet'],
  ];
}
