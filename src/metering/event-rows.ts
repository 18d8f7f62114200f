/**
 * Usage events as rows of `copy`: how each is written as text. Pure. This is the path that every call takes, so it
 * is written out by hand: one text for each row, and instants without a `Date`.
 */
import { copyText } from '#platform/copy.ts';
import { dayOf, requestDay } from './request-day.ts';
import type { PostedEvent } from './store.ts';

/** In the order of `eventRows`. */
export const EVENT_COLUMNS = `request_id, attempt, tenant_id, request_day, project_id, key_id, gateway_id,
  model_name, model_id, deployment_id, replica_id, lease_id, price_id, service_tier, outcome, status,
  input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens,
  reasoning_tokens, units, attributes, usage_source, currency, amount_pico, hold_pico, rated_by,
  entry_id, cost_pico, cost_id, author_pico, cache, queue_ms, error_code, admitted_at, first_byte_at,
  settled_at, billed_at`;

export function eventRows(events: readonly PostedEvent[]): readonly string[] {
  const instants = new Instants();
  return events.map((event) => eventRow(event, instants));
}

/** Joined, not put together with `+` or in a template, which leave a small object for each of their pieces. */
function eventRow(event: PostedEvent, instants: Instants): string {
  const { record, cost } = event;
  const { usage, firstByteAtMs, settledAtMs } = record;
  const settledAt = instants.text(settledAtMs);
  return [
    copyText(record.requestId),
    record.attempt,
    copyText(record.tenantId),
    requestDay(record),
    copyText(record.projectId),
    copyText(record.keyId),
    copyText(event.gatewayId),
    copyText(record.modelName),
    copyText(record.modelId),
    copyText(record.deploymentId),
    copyText(record.replicaId),
    copyText(record.leaseId),
    copyText(record.priceId),
    record.serviceTier ?? 'default',
    record.outcome,
    record.status,
    usage.input,
    usage.cacheRead,
    usage.cacheWrite,
    usage.cacheWrite1h ?? 0,
    usage.output,
    usage.reasoning,
    jsonText(record.units),
    jsonText(record.attributes),
    record.usageSource,
    event.currency,
    event.amountPico,
    record.holdPico,
    event.ratedBy,
    event.entryId ?? NULL,
    cost?.costPico ?? NULL,
    copyText(cost?.costId ?? null),
    event.authorPico,
    record.cache ?? NULL,
    record.queueMs ?? NULL,
    copyText(record.errorCode ?? null),
    instants.text(record.admittedAtMs),
    firstByteAtMs === null ? NULL : instants.text(firstByteAtMs),
    settledAt,
    event.billedAtMs === settledAtMs ? settledAt : instants.text(event.billedAtMs),
  ].join('\t');
}

const NULL = '\\N';

function jsonText(value: unknown): string {
  return value === undefined ? NULL : copyText(JSON.stringify(value));
}

const DAY_MS = 24 * 60 * 60_000;

/** Writes instants of calls that were made within seconds of each other. */
class Instants {
  readonly #seconds = new Map<number, string>();

  /** To the millisecond, as every clock here counts, in UTC. */
  text(timeMs: number): string {
    const rounded = Math.round(timeMs);
    const second = Math.floor(rounded / 1000);
    let text = this.#seconds.get(second);
    if (text === undefined) {
      text = secondText(second * 1000);
      this.#seconds.set(second, text);
    }
    const ms = rounded - second * 1000;
    return `${text}${ms < 10 ? '.00' : ms < 100 ? '.0' : '.'}${ms}Z`;
  }
}

function secondText(timeMs: number): string {
  const seconds = Math.floor((timeMs - Math.floor(timeMs / DAY_MS) * DAY_MS) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${dayOf(timeMs)} ${hours}:${two(minutes - hours * 60)}:${two(seconds - minutes * 60)}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}
