/** Usage as metering sums it, in the shape of a bill: projects together, and one line for each price. */
import type { LineTotal, Lines } from '#metering/lines.ts';
import { SOURCES, type SourceSum, type UsageLine, type UsageLines } from './usage-lines.ts';

export function meteredLines(lines: Omit<Lines, 'each'>): UsageLines {
  return {
    sum: async (database, span) => {
      const sums = await lines.sum(database, span);
      return { lines: mergeLines(sums.lines), sources: mergeSources(sums.sources) };
    },
    sources: async (database, span) => mergeSources(await lines.sources(database, span)),
    drawn: (database, span) => lines.drawn(database, span),
    otherCurrencies: (database, span) => lines.otherCurrencies(database, span),
    shares: (database, span) => lines.shares(database, span),
    posted: async (database, span) => {
      const { eventsPico, entriesWrong } = await lines.posted(database, span);
      return { ratedPico: eventsPico, wrongEntries: entriesWrong };
    },
  };
}

function mergeLines(totals: readonly LineTotal[]): readonly UsageLine[] {
  const merged = new Map<string, UsageLine>();
  for (const line of totals.map(toLine)) {
    const { modelId, modelName, serviceTier, unit, direction, rate, upTo, eachPico } = line;
    const parts = [modelId, modelName, serviceTier, unit, direction, rate, upTo, `${eachPico}`];
    const key = JSON.stringify([...parts, line.correctionOf]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? line : add(known, line));
  }
  return [...merged.values()];
}

/** What was charged without a known price is one thing at its amount. */
function toLine(total: LineTotal): UsageLine {
  const { modelId, modelName, serviceTier, upTo, correctionOf, calls, amountPico } = total;
  const of = { modelId, modelName, serviceTier, upTo, correctionOf, calls, amountPico };
  const { unit, direction, rate, eachPico, priced, units } = total;
  if (unit === null || direction === null || eachPico === null || rate === null) {
    const whole = { eachPico: amountPico, priced: 1n, units: 1n };
    return { ...of, unit: 'request', direction: 'input', rate: 'hold', ...whole };
  }
  return { ...of, unit, direction, rate, eachPico, priced, units };
}

function add(left: UsageLine, right: UsageLine): UsageLine {
  return {
    ...left,
    priced: left.priced + right.priced,
    units: left.units + right.units,
    amountPico: left.amountPico + right.amountPico,
    calls: left.calls + right.calls,
  };
}

function mergeSources(
  totals: readonly Readonly<{ source: string; sourceId: string | null; amountPico: bigint }>[],
): readonly SourceSum[] {
  const merged = new Map<string, SourceSum>();
  for (const { source: name, sourceId, amountPico } of totals) {
    const source = SOURCES.find((each) => each === name);
    if (source === undefined) throw new TypeError(`${name} is no source of money`);
    const key = `${source} ${sourceId ?? ''}`;
    const before = merged.get(key)?.amountPico ?? 0n;
    merged.set(key, { source, sourceId, amountPico: before + amountPico });
  }
  return [...merged.values()];
}
