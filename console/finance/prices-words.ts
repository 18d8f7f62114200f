/** What rates and changes of prices are called on this page. */
import { useTranslation } from 'react-i18next';
import type { PriceChange, PriceRate } from '../cloud.ts';

export const UNITS = [
  'token',
  'character',
  'second',
  'image',
  'video_second',
  'page',
  'request',
  'gb_day',
  'gpu_hour',
  'training_token',
] as const satisfies readonly PriceRate['unit'][];

export const TOKEN_DIRECTIONS = [
  'input',
  'cache_read',
  'cache_write',
  'output',
  'reasoning',
] as const satisfies readonly PriceRate['direction'][];

export const MODES = [
  'whole_request',
  'graduated',
  'volume',
  'package',
] as const satisfies readonly PriceRate['mode'][];

export const CLASSES = ['flex', 'priority', 'batch'] as const;

const WORDS = {
  token: 'prices.unit_token',
  character: 'prices.unit_character',
  second: 'prices.unit_second',
  image: 'prices.unit_image',
  video_second: 'prices.unit_video_second',
  page: 'prices.unit_page',
  request: 'prices.unit_request',
  gb_day: 'prices.unit_gb_day',
  gpu_hour: 'prices.unit_gpu_hour',
  training_token: 'prices.unit_training_token',
  input: 'prices.direction_input',
  cache_read: 'prices.direction_cache_read',
  cache_write: 'prices.direction_cache_write',
  output: 'prices.direction_output',
  reasoning: 'prices.direction_reasoning',
  thinking: 'prices.thinking',
  plain: 'prices.notThinking',
  implicit: 'prices.implicitCache',
  explicit: 'prices.explicitCache',
  '5m': 'prices.fiveMinutes',
  '1h': 'prices.oneHour',
  whole_request: 'prices.mode_whole_request',
  graduated: 'prices.mode_graduated',
  volume: 'prices.mode_volume',
  package: 'prices.mode_package',
} as const;
type Word = keyof typeof WORDS;

const isWord = (text: string): text is Word => text in WORDS;

/** Of a word of the price book, or of a rate's name such as `token/output/thinking`. */
export function useWords(): (name: string) => string {
  const { t } = useTranslation();
  return (name) =>
    name
      .split('/')
      .map((word) => (isWord(word) ? t(WORDS[word]) : word))
      .join(' · ');
}

export function nameOfRate(rate: PriceRate): string {
  const { unit, direction, serviceTier, resolution, isThinking, cacheKind, cacheTtl } = rate;
  const thinking = isThinking === undefined ? undefined : isThinking ? 'thinking' : 'plain';
  const named = [serviceTier, resolution, thinking, cacheKind, cacheTtl];
  return [unit, direction, ...named.filter((name) => name !== undefined)].join('/');
}

/** `0.5 / 1,000,000`; a multiple of a class or a region by itself. */
export function sideText(
  change: PriceChange,
  side: PriceChange['before'],
  formatNumber: (value: number) => string,
): string {
  if (side === null) return '–';
  return change.kind === 'rate' ? `${side.amount} / ${formatNumber(side.per)}` : `× ${side.amount}`;
}
