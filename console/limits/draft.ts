/** A set of limits as a form holds it: texts, where an empty one stands for "no such limit". Pure. */
import type { Limit, LimitSet } from '../cloud.ts';

export const COUNTS = [
  'requestsPerMinute',
  'tokensPerMinute',
  'concurrency',
  'requestsPerSecond',
] as const;
export const BUDGETS = ['dailyBudget', 'monthlyBudget'] as const;
export const NAMES = ['models', 'regions', 'networks'] as const;

export type CountField = (typeof COUNTS)[number];
export type BudgetField = (typeof BUDGETS)[number];
export type NamesField = (typeof NAMES)[number];

export type Draft = Readonly<Record<CountField | BudgetField | NamesField | 'timeZone', string>>;

export const EMPTY_DRAFT: Draft = {
  requestsPerMinute: '',
  tokensPerMinute: '',
  concurrency: '',
  requestsPerSecond: '',
  dailyBudget: '',
  monthlyBudget: '',
  models: '',
  regions: '',
  networks: '',
  timeZone: '',
};

export function draftOf(limit: Limit): Draft {
  const count = (field: CountField): string => limit[field]?.toString() ?? '';
  const names = (field: NamesField): string => limit[field]?.join(', ') ?? '';
  return {
    requestsPerMinute: count('requestsPerMinute'),
    tokensPerMinute: count('tokensPerMinute'),
    concurrency: count('concurrency'),
    requestsPerSecond: count('requestsPerSecond'),
    dailyBudget: limit.dailyBudget ?? '',
    monthlyBudget: limit.monthlyBudget ?? '',
    models: names('models'),
    regions: names('regions'),
    networks: names('networks'),
    timeZone: limit.timeZone ?? '',
  };
}

export function parseDraft(draft: Draft): LimitSet {
  const text = (field: keyof Draft): string | null => draft[field].trim() || null;
  const count = (field: CountField): number | null => {
    const value = text(field);
    return value === null ? null : Number(value);
  };
  const names = (field: NamesField): string[] | null => {
    const parts = draft[field].split(/[\s,，;；]+/).filter((part) => part !== '');
    return parts.length === 0 ? null : parts;
  };
  return {
    requestsPerMinute: count('requestsPerMinute'),
    tokensPerMinute: count('tokensPerMinute'),
    concurrency: count('concurrency'),
    requestsPerSecond: count('requestsPerSecond'),
    dailyBudget: text('dailyBudget'),
    monthlyBudget: text('monthlyBudget'),
    models: names('models'),
    regions: names('regions'),
    networks: names('networks'),
    timeZone: text('timeZone'),
  };
}

export function isEmpty(draft: Draft): boolean {
  return Object.values(draft).every((text) => text.trim() === '');
}
