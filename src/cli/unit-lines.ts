/** What a call used beside tokens, and what chose its price, as lines of `flywheel requests show`. */
import type { UsageEvent } from '#metering/api.ts';

type Line = readonly [label: string, text: string];

export function unitLines(event: UsageEvent): readonly Line[] {
  const { units, isThinking, cacheKind, resolution, region } = event;
  return [
    ...units.map(({ unit, amount }): Line => [`${unit.replaceAll('_', ' ')}s`, String(amount)]),
    ...(isThinking === true ? [['thinking', 'yes'] as const] : []),
    ...(cacheKind === undefined ? [] : [['cache kind', cacheKind] as const]),
    ...(resolution === undefined ? [] : [['resolution', resolution] as const]),
    ...(region === undefined ? [] : [['region', region] as const]),
  ];
}
