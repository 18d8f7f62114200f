/** `token/cache_write/1h=6`, one rate of what a provider asks, as it is typed. Pure. */
import type { PriceRate } from '#pricing/api.ts';
import { UsageError } from '../usage-error.ts';

export const RATE_OPTION = {
  type: 'list',
  value: 'RATE=AMOUNT',
  summary:
    'Of what else it counts: token/cache_write/5m, image/output, second/input, request/input.',
} as const;

const RATE = /^([a-z_]+)\/([a-z_]+)(?:\/(5m|1h))?=(\d+(?:\.\d+)?)$/;
const UNITS = ['token', 'character', 'second', 'image', 'video_second', 'page', 'request'] as const;
const DIRECTIONS = ['input', 'cache_read', 'cache_write', 'output', 'reasoning'] as const;

/** Of tokens and characters an amount is for a million, of all else for one. */
export function readRate(text: string): PriceRate {
  const [, unitName, directionName, life, amount = ''] = RATE.exec(text) ?? [];
  const unit = UNITS.find((name) => name === unitName);
  const direction = DIRECTIONS.find((name) => name === directionName);
  if (unit === undefined || direction === undefined) {
    throw new UsageError(
      `A rate is UNIT/DIRECTION=AMOUNT such as image/output=0.2, of ${UNITS.join(', ')}; it is "${text}".`,
    );
  }
  const cacheTtl = life === '5m' || life === '1h' ? life : undefined;
  return {
    unit,
    direction,
    ...(cacheTtl !== undefined && { cacheTtl }),
    mode: 'whole_request',
    per: unit === 'token' || unit === 'character' ? 1_000_000 : 1,
    tiers: [{ upTo: null, amount }],
  };
}

export function rateName({ unit, direction, cacheTtl }: PriceRate): string {
  return [unit, direction, ...(cacheTtl === undefined ? [] : [cacheTtl])].join('/');
}
