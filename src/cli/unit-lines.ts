/** What a call used beside tokens, and what chose its price, as lines of `flywheel requests show`. */
import type { UsageEvent, UsageReport } from '#metering/api.ts';
import { formatCount } from './format.ts';

type UnitSum = UsageReport['total']['units'][number];

type Line = readonly [label: string, text: string];

export function unitLines(event: UsageEvent): readonly Line[] {
  const { units, isThinking, cacheKind, resolution, region } = event;
  return [
    ...units.map(({ unit, amount }): Line => [`${wordsOf(unit)}s`, String(amount)]),
    ...(isThinking === true ? [['thinking', 'yes'] as const] : []),
    ...(cacheKind === undefined ? [] : [['cache kind', cacheKind] as const]),
    ...(resolution === undefined ? [] : [['resolution', resolution] as const]),
    ...(region === undefined ? [] : [['region', region] as const]),
  ];
}

/** `2 images, 12.5 seconds heard`; a unit that was both given and made says which. */
export function formatUnitSums(units: readonly UnitSum[]): string {
  if (units.length === 0) return '-';
  return units
    .map(({ unit, direction, amount }) => {
      const both = units.filter((each) => each.unit === unit).length > 1;
      const plural = amount === 1 ? '' : 's';
      return `${formatCount(amount)} ${wordsOf(unit)}${plural}${both ? ` ${direction}` : ''}`;
    })
    .join(', ');
}

export function addUnitSums(left: readonly UnitSum[], right: readonly UnitSum[]): UnitSum[] {
  const sums = new Map<string, UnitSum>();
  for (const each of [...left, ...right]) {
    const key = `${each.unit} ${each.direction}`;
    const amount = (sums.get(key)?.amount ?? 0) + each.amount;
    // Kept in thousandths: adding fractions leaves dust.
    sums.set(key, { ...each, amount: Math.round(amount * 1_000) / 1_000 });
  }
  return [...sums.values()];
}

function wordsOf(unit: UnitSum['unit']): string {
  return unit.replaceAll('_', ' ');
}
