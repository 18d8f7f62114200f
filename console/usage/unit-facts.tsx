/** What a call used beside tokens, as facts of its drawer. */
import { useTranslation } from 'react-i18next';
import type { ReactNode } from 'react';
import type { UsageEvent } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import type { UnitSum } from './report-series.ts';

export type UnitFact = Readonly<{ label: string; text: string }>;

const UNIT_LABELS = {
  token: 'units.token',
  character: 'units.character',
  second: 'units.second',
  image: 'units.image',
  video_second: 'units.video_second',
  page: 'units.page',
  request: 'units.request',
  gb_day: 'units.gb_day',
  gpu_hour: 'units.gpu_hour',
  training_token: 'units.training_token',
} as const;
const CACHE_LABELS = { implicit: 'units.implicit', explicit: 'units.explicit' } as const;

/** Images, seconds, pages and what chose their price; nothing for a plain call. */
export function useUnitFacts(event: UsageEvent): readonly UnitFact[] {
  const { t } = useTranslation();
  const format = useFormat();
  const { units, isThinking, cacheKind, resolution, region } = event;
  return [
    ...(event.cacheWriteTokens > 0
      ? [{ label: t('units.cacheWrite'), text: format.number(event.cacheWriteTokens) }]
      : []),
    ...units.map(({ unit, amount }) => ({
      label: t(UNIT_LABELS[unit]),
      text: format.number(amount),
    })),
    ...(isThinking === true ? [{ label: t('units.thinking'), text: t('units.yes') }] : []),
    ...(cacheKind === undefined
      ? []
      : [{ label: t('units.cacheKind'), text: t(CACHE_LABELS[cacheKind]) }]),
    ...(resolution === undefined ? [] : [{ label: t('units.resolution'), text: resolution }]),
    ...(region === undefined ? [] : [{ label: t('units.region'), text: region }]),
  ];
}

/** `2 images, 12.5 seconds`; nothing where only tokens were used. */
export function useUnitText(): (units: readonly UnitSum[]) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (units) =>
    units.map(({ unit, amount }) => `${format.number(amount)} ${t(UNIT_LABELS[unit])}`).join(', ');
}

/** One row of a list of facts each. */
export function UnitFacts({
  event,
  children,
}: Readonly<{ event: UsageEvent; children: (fact: UnitFact) => ReactNode }>) {
  return useUnitFacts(event).map((fact) => children(fact));
}
