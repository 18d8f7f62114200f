/** How rates and changes of prices read in a terminal. Pure. */
import type { PriceChange, PriceRate } from '#pricing/api.ts';
import { formatAmount, formatCount } from '../format.ts';

const WORDS: Readonly<Record<string, string>> = {
  cache_read: 'cached input',
  cache_write: 'cache writing',
  video_second: 'video second',
  gb_day: 'GB day',
  gpu_hour: 'GPU hour',
  training_token: 'training token',
  plain: 'not thinking',
  implicit: 'implicit cache',
  explicit: 'explicit cache',
};

/** `token output, thinking`. */
export function rateText(rate: PriceRate): string {
  const { unit, direction, serviceTier, resolution, isThinking, cacheKind, cacheTtl } = rate;
  const thinking = isThinking === undefined ? undefined : isThinking ? 'thinking' : 'plain';
  const named = [serviceTier, resolution, thinking, cacheKind, cacheTtl];
  return nameText([unit, direction, ...named.filter((name) => name !== undefined)].join('/'));
}

/** The same of a rate's name in its version, `token/output/thinking`. */
export function nameText(name: string): string {
  const [unit = '', direction, ...conditions] = name.split('/').map((word) => WORDS[word] ?? word);
  return direction === undefined ? unit : [`${unit} ${direction}`, ...conditions].join(', ');
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
