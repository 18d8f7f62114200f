/** What commands of credits and plans share: scopes and times. */
import { formatAmount, formatCount, parseExpiry } from '../format.ts';
import { UsageError } from '../usage-error.ts';

export const SCOPE_OPTIONS = {
  model: { type: 'list', short: 'm', value: 'NAME', summary: 'A model it pays for; all.' },
  product: {
    type: 'string',
    value: 'NAME',
    choices: ['inference', 'batch', 'tuning', 'storage', 'compute'],
    summary: 'What it pays for; everything.',
  },
} as const;

/** Tokens are counted; money stays the decimal it is. */
export function formatUnits(unit: 'token' | 'amount', units: string): string {
  return unit === 'token' ? formatCount(Number(units)) : formatAmount(units);
}

export function timeOf(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

export function readTime(name: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const time = parseExpiry(text, Date.now());
  if (time !== null) return time;
  throw new UsageError(`--${name} is "${text}".`, 'Write 30d, 12w, 1y or 2027-01-31.');
}
