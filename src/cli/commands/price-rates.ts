/** How rates and changes of prices read in a terminal. Pure. */
import type { PriceChange, PriceRate } from '#pricing/api.ts';
import { formatAmount, formatCount } from '../format.ts';

const DIRECTIONS = {
  input: 'input',
  cache_read: 'cached input',
  cache_write: 'cache writing',
  output: 'output',
  reasoning: 'reasoning',
} as const;

/** `token output, thinking`. */
export function rateText(rate: PriceRate): string {
  const { unit, direction, serviceTier, resolution, isThinking, cacheKind, cacheTtl } = rate;
  const named = [
    serviceTier,
    resolution,
    isThinking === undefined ? undefined : isThinking ? 'thinking' : 'not thinking',
    cacheKind === undefined ? undefined : `${cacheKind} cache`,
    cacheTtl,
  ].filter((name) => name !== undefined);
  return [`${unit.replace('_', ' ')} ${DIRECTIONS[direction]}`, ...named].join(', ');
}

/** `0.5 / 1,000,000`; a multiple of a class or region is a number alone. */
export function sideText(change: PriceChange, side: PriceChange['before']): string {
  if (side === null) return '–';
  if (change.kind !== 'rate') return `× ${formatAmount(side.amount)}`;
  return `${formatAmount(side.amount)} / ${formatCount(side.per)}`;
}

export function changeText({ change, percent, before, after }: PriceChange): string {
  if (percent !== null) return `${percent} %`;
  const isMode = before !== null && after !== null && before.mode !== after.mode;
  return isMode ? `${before.mode} → ${after.mode}` : change;
}
