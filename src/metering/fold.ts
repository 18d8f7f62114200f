/**
 * Sums over calls, as they are kept beside the calls: by the hour and the day for dashboards, by the price
 * of one unit for bills, and by who paid. Pure. A shipment is folded here first, so that the database adds
 * a few hundred rows instead of thousands.
 */
import { createHash } from 'node:crypto';
import type { RatedLine } from '#pricing/price.ts';
import type { PostedEvent } from './store.ts';

export const QUARTER_MS = 15 * 60_000;
const HOUR_MS = 4 * QUARTER_MS;
const DAY_MS = 24 * HOUR_MS;

type Numbers = {
  calls: number;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  cacheWrite1hTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  amountPico: bigint;
  costPico: bigint;
  authorPico: bigint;
  /** Units beside tokens by `unit/direction`; absent where there are none, which is nearly always. */
  units?: Map<string, number>;
};

type CallDimensions = Readonly<{
  projectId: string;
  keyId: string;
  modelId: string;
  modelName: string;
  serviceTier: string;
  ratedBy: string;
  region: string;
  currency: string;
  isCorrection: boolean;
}>;

/** Rows are kept by tenant, start and group, and locked in that order. */
type Slot = Readonly<{ tenantId: string; startMs: number; groupId: string }>;

export type CallSum = Slot & CallDimensions & Readonly<Numbers>;

export type LineSum = Slot &
  Readonly<{
    currency: string;
    projectId: string;
    modelId: string;
    modelName: string;
    serviceTier: string;
    priceId: string | null;
    line: Pick<RatedLine, 'unit' | 'direction' | 'chargedAs' | 'rate' | 'upTo' | 'eachPico'>;
    isCorrection: boolean;
    serviceDayMs: number;
    calls: number;
    units: number;
    priced: number;
    amountPico: bigint;
  }>;

export type SourceSum = Slot &
  Readonly<{
    currency: string;
    projectId: string;
    modelId: string;
    modelName: string;
    source: string;
    sourceId: string | null;
    isCorrection: boolean;
    calls: number;
    units: number;
    amountPico: bigint;
  }>;

/** Calls that are the same in all that sums are kept by: what they belong to is then looked for once. */
export type Alike = readonly [PostedEvent, ...PostedEvent[]];

export function groupAlike(events: readonly PostedEvent[]): readonly Alike[] {
  const groups = new Map<string, [PostedEvent, ...PostedEvent[]]>();
  for (const event of events) {
    const key = alikeKey(event);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return [...groups.values()];
}

function alikeKey(event: PostedEvent): string {
  const { record, billedAtMs } = event;
  return [
    record.tenantId,
    record.projectId,
    record.keyId,
    record.modelId,
    record.modelName,
    record.serviceTier,
    record.priceId,
    event.ratedBy,
    event.currency,
    record.attributes?.region,
    isLate(event),
    // Small numbers of quarters and days, because large ones take long to write.
    Math.floor(billedAtMs / QUARTER_MS),
    Math.floor(record.settledAtMs / DAY_MS),
  ].join('\n');
}

/** One sum for each group, hour by hour. */
export function foldCalls(groups: readonly Alike[]): readonly CallSum[] {
  const sums = new Folding<CallDimensions & Numbers>();
  for (const group of groups) {
    const [{ record, currency, ratedBy, billedAtMs }] = group;
    const { projectId, keyId, modelId, modelName, serviceTier = 'default' } = record;
    const region = record.attributes?.region ?? '';
    const isCorrection = isLate(group[0]);
    const text = `${projectId}\n${keyId}\n${modelId}\n${modelName}\n${serviceTier}\n${ratedBy}\n${region}\n${currency}\n${isCorrection}`;
    const found = sums.at(record.tenantId, hourOf(billedAtMs), text, () => ({
      projectId,
      keyId,
      modelId,
      modelName,
      serviceTier,
      ratedBy,
      region,
      currency,
      isCorrection,
      ...zeros(),
    }));
    for (const event of group) addCall(found, event);
  }
  return sums.sorted();
}

function addCall(found: Numbers, event: PostedEvent): void {
  const { usage } = event.record;
  found.calls += 1;
  found.inputTokens += usage.input;
  found.cacheReadTokens += usage.cacheRead;
  found.cacheWriteTokens += usage.cacheWrite;
  found.cacheWrite1hTokens += usage.cacheWrite1h ?? 0;
  found.outputTokens += usage.output;
  found.reasoningTokens += usage.reasoning;
  found.amountPico += event.amountPico;
  found.costPico += event.cost?.costPico ?? 0n;
  found.authorPico += event.authorPico;
  for (const { unit, direction, count } of event.record.units ?? []) {
    addUnits(found, `${unit}/${direction}`, count);
  }
}

/** The same sums, day by day. */
export function foldDays(hours: readonly CallSum[]): readonly CallSum[] {
  const days = new Map<string, CallSum & Numbers>();
  for (const hour of hours) {
    const startMs = dayStart(hour.startMs);
    const key = `${hour.tenantId}\n${startMs}\n${hour.groupId}`;
    const found = days.get(key);
    if (found === undefined) days.set(key, { ...hour, startMs, ...copyOfUnits(hour) });
    else addTo(found, hour);
  }
  return [...days.values()].toSorted(bySlot);
}

/** What bills are made of: every priced part of every call, by the price of one unit and quarter hour. */
export function foldLines(groups: readonly Alike[]): readonly LineSum[] {
  const sums = new Folding<Mutable<Omit<LineSum, keyof Slot>>>();
  for (const group of groups) {
    const [first] = group;
    const { currency, record } = first;
    const { projectId, modelId, modelName, priceId, serviceTier = 'default' } = record;
    const isCorrection = isLate(first);
    const serviceDayMs = dayStart(record.settledAtMs);
    const open = (line: LineSum['line']) => {
      const { unit, direction, chargedAs, rate, upTo, eachPico } = line;
      const price = `${unit}\n${direction}\n${chargedAs}\n${rate}\n${upTo}\n${eachPico}`;
      const text = `${currency}\n${projectId}\n${modelId}\n${modelName}\n${serviceTier}\n${priceId}\n${price}\n${isCorrection}\n${serviceDayMs}`;
      return sums.at(record.tenantId, quarterOf(first.billedAtMs), text, () => ({
        currency,
        projectId,
        modelId,
        modelName,
        serviceTier,
        priceId,
        line: { unit, direction, chargedAs, rate, upTo, eachPico },
        isCorrection,
        serviceDayMs,
        calls: 0,
        units: 0,
        priced: 0,
        amountPico: 0n,
      }));
    };
    const known: ReturnType<typeof open>[] = [];
    for (const event of group) {
      for (const line of linesOf(event)) {
        let found = known.find((sum) => isSamePrice(sum.line, line));
        if (found === undefined) known.push((found = open(line)));
        found.calls += 1;
        found.units += line.units;
        found.priced += line.priced;
        found.amountPico += line.amountPico;
      }
    }
  }
  return sums.sorted();
}

function isSamePrice(left: LineSum['line'], right: LineSum['line']): boolean {
  return (
    left.direction === right.direction &&
    left.eachPico === right.eachPico &&
    left.unit === right.unit &&
    left.chargedAs === right.chargedAs &&
    left.rate === right.rate &&
    left.upTo === right.upTo
  );
}

/** Who paid, cash included. */
export function foldSources(groups: readonly Alike[]): readonly SourceSum[] {
  const sums = new Folding<Mutable<Omit<SourceSum, keyof Slot>>>();
  for (const group of groups) {
    const [first] = group;
    const { record, currency } = first;
    const { projectId, modelId, modelName } = record;
    const isCorrection = isLate(first);
    const open = (source: string, sourceId: string | null) => {
      const text = `${currency}\n${projectId}\n${modelId}\n${modelName}\n${source}\n${sourceId}\n${isCorrection}`;
      return sums.at(record.tenantId, quarterOf(first.billedAtMs), text, () => ({
        currency,
        projectId,
        modelId,
        modelName,
        source,
        sourceId,
        isCorrection,
        calls: 0,
        units: 0,
        amountPico: 0n,
      }));
    };
    const known: ReturnType<typeof open>[] = [];
    for (const event of group) {
      for (const { source, sourceId, amountPico, units } of event.parts) {
        let found = known.find((sum) => sum.source === source && sum.sourceId === sourceId);
        if (found === undefined) known.push((found = open(source, sourceId)));
        found.calls += 1;
        found.units += units ?? 0;
        found.amountPico += amountPico;
      }
    }
  }
  return sums.sorted();
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Groups by tenant, start and a text of all other columns, whose digest is the group's id. */
class Folding<Value extends object> {
  readonly #sums = new Map<string, Slot & Value>();

  at(tenantId: string, startMs: number, group: string, open: () => Value): Value {
    const key = `${tenantId}\n${startMs}\n${group}`;
    let found = this.#sums.get(key);
    if (found === undefined) {
      found = { tenantId, startMs, groupId: digest(group), ...open() };
      this.#sums.set(key, found);
    }
    return found;
  }

  sorted(): readonly (Slot & Value)[] {
    return [...this.#sums.values()].toSorted(bySlot);
  }
}

/** As a uuid, which a database keeps in 16 bytes. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function bySlot(left: Slot, right: Slot): number {
  if (left.tenantId !== right.tenantId) return left.tenantId < right.tenantId ? -1 : 1;
  if (left.startMs !== right.startMs) return left.startMs - right.startMs;
  return left.groupId < right.groupId ? -1 : 1;
}

/** A call that was charged what was set aside for it is one line: one call at that price. */
function linesOf(event: PostedEvent): readonly RatedLine[] {
  const { ratedBy, amountPico } = event;
  if (ratedBy !== 'hold' || amountPico === 0n) return event.lines;
  return [
    {
      unit: 'request',
      direction: 'input',
      chargedAs: 'input',
      rate: 'hold',
      upTo: null,
      units: 1,
      priced: 1,
      eachPico: amountPico,
      amountPico,
    },
  ];
}

function isLate({ record, billedAtMs }: PostedEvent): boolean {
  return billedAtMs !== record.settledAtMs;
}

/** Bills begin at a midnight, and time zones are whole quarters of an hour apart. */
export function quarterOf(timeMs: number): number {
  return Math.floor(timeMs / QUARTER_MS) * QUARTER_MS;
}

export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS) * HOUR_MS;
}

export function dayStart(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS) * DAY_MS;
}

function zeros(): Numbers {
  return {
    calls: 0,
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    amountPico: 0n,
    costPico: 0n,
    authorPico: 0n,
  };
}

function addUnits(sum: Numbers, name: string, count: number): void {
  sum.units ??= new Map();
  sum.units.set(name, (sum.units.get(name) ?? 0) + count);
}

/** A day's own, so that adding to it does not add to its first hour. */
function copyOfUnits({ units }: Readonly<Numbers>): Pick<Numbers, 'units'> {
  return units === undefined ? {} : { units: new Map(units) };
}

function addTo(sum: Numbers, other: Readonly<Numbers>): void {
  sum.calls += other.calls;
  sum.inputTokens += other.inputTokens;
  sum.cacheReadTokens += other.cacheReadTokens;
  sum.cacheWriteTokens += other.cacheWriteTokens;
  sum.cacheWrite1hTokens += other.cacheWrite1hTokens;
  sum.outputTokens += other.outputTokens;
  sum.reasoningTokens += other.reasoningTokens;
  sum.amountPico += other.amountPico;
  sum.costPico += other.costPico;
  sum.authorPico += other.authorPico;
  for (const [name, count] of other.units ?? []) addUnits(sum, name, count);
}
