/**
 * What the gateway counts, in Prometheus text. Names follow OpenTelemetry's for generative models,
 * shortened. Labels are model, outcome and status only: all bounded, because unknown model names
 * are one label. Children are kept per label set, so that a request costs no look-up by object.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { UsageBuckets } from '#metering/usage-event.ts';
import type { AttemptResult, Measured } from './attempt.ts';

export type Measurement = Readonly<{
  /** Null where it is none of ours. */
  model: string | null;
  outcome: string;
  status: number;
  durationMs: number;
  firstByteMs: number | null;
  usage: UsageBuckets;
}>;

/** A number that is read when someone scrapes. */
export type GaugeSource = Readonly<{ name: string; help: string; read: () => number }>;

export type GatewayMetrics = Readonly<{
  record: (measurement: Measurement) => void;
  countRetry: (reason: string) => void;
  /** Counts what an engine said it used and could not have. */
  countClamps: (measured: Pick<Measured, 'counted' | 'other'>) => void;
  /** Counts what was the upstream's fault; everything else passes. */
  countFault: (result: AttemptResult) => void;
  text: () => Promise<string>;
  contentType: string;
}>;

/** From an answer out of a cache to a long reasoning run. */
const DURATION_BUCKETS_S = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const FIRST_BYTE_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type ModelChildren = Readonly<{
  duration: Histogram.Internal<string>;
  firstByte: Histogram.Internal<string>;
  input: Counter.Internal;
  cached: Counter.Internal;
  written: Counter.Internal;
  output: Counter.Internal;
  reasoning: Counter.Internal;
  requests: Map<string, Counter.Internal>;
}>;

/**
 * `isOfProcess` adds what the runtime knows of its process. It watches the event loop and never stops, so
 * one gateway of a process asks for it and no other.
 */
export function createGatewayMetrics(
  gauges: readonly GaugeSource[],
  isOfProcess = false,
): GatewayMetrics {
  const registry = new Registry();
  if (isOfProcess) collectDefaultMetrics({ register: registry });
  const instruments = createInstruments(registry);
  const { requests, tokens, duration, firstByte, retries, faults, clamped } = instruments;
  registerGauges(registry, gauges);
  const children = new Map<string, ModelChildren>();

  function childrenOf(model: string): ModelChildren {
    let found = children.get(model);
    if (found === undefined) {
      found = {
        duration: duration.labels(model),
        firstByte: firstByte.labels(model),
        input: tokens.labels(model, 'input'),
        cached: tokens.labels(model, 'cache_read'),
        written: tokens.labels(model, 'cache_write'),
        output: tokens.labels(model, 'output'),
        reasoning: tokens.labels(model, 'reasoning'),
        requests: new Map(),
      };
      children.set(model, found);
    }
    return found;
  }

  return {
    record: ({ model, outcome, status, durationMs, firstByteMs, usage }) => {
      const label = model ?? 'unknown';
      const own = childrenOf(label);
      const name = `${outcome} ${status}`;
      let counter = own.requests.get(name);
      if (counter === undefined) {
        counter = requests.labels(label, outcome, String(status));
        own.requests.set(name, counter);
      }
      counter.inc();
      own.duration.observe(durationMs / 1000);
      if (firstByteMs !== null) own.firstByte.observe(firstByteMs / 1000);
      if (usage.input > 0) own.input.inc(usage.input);
      if (usage.cacheRead > 0) own.cached.inc(usage.cacheRead);
      const written = usage.cacheWrite + (usage.cacheWrite1h ?? 0);
      if (written > 0) own.written.inc(written);
      if (usage.output > 0) own.output.inc(usage.output);
      if (usage.reasoning > 0) own.reasoning.inc(usage.reasoning);
    },
    countRetry: (reason) => retries.inc({ reason }),
    countClamps: ({ counted, other }) => {
      for (const rule of counted?.clamps ?? []) clamped.inc({ rule });
      if (other?.isClamped === true) clamped.inc({ rule: 'units_over_expected' });
    },
    countFault: (result) => {
      if (result.kind === 'failed' && result.isReplicaFault)
        faults.inc({ kind: result.error.code });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function createInstruments(registry: Registry) {
  const registers = [registry];
  const requests = new Counter({
    name: 'flywheel_gateway_requests_total',
    help: 'Requests by model, outcome and status.',
    labelNames: ['model', 'outcome', 'status'],
    registers,
  });
  const tokens = new Counter({
    name: 'flywheel_gateway_tokens_total',
    help: 'Tokens by model and kind; the kinds are disjoint.',
    labelNames: ['model', 'kind'],
    registers,
  });
  const duration = new Histogram({
    name: 'flywheel_gateway_request_duration_seconds',
    help: 'From accepting a request to its end.',
    labelNames: ['model'],
    buckets: DURATION_BUCKETS_S,
    registers,
  });
  const firstByte = new Histogram({
    name: 'flywheel_gateway_time_to_first_byte_seconds',
    help: 'From accepting a request to the first byte of its answer.',
    labelNames: ['model'],
    buckets: FIRST_BYTE_BUCKETS_S,
    registers,
  });
  const retries = new Counter({
    name: 'flywheel_gateway_retries_total',
    help: 'Attempts that were made again on another replica.',
    labelNames: ['reason'],
    registers,
  });
  const faults = new Counter({
    name: 'flywheel_gateway_upstream_faults_total',
    help: 'Attempts that an engine or a provider spoiled, by the code of the error.',
    labelNames: ['kind'],
    registers,
  });
  const clamped = new Counter({
    name: 'flywheel_gateway_usage_clamped_total',
    help: 'Usage whose parts were larger than their whole, by the rule that cut it.',
    labelNames: ['rule'],
    registers,
  });
  return { requests, tokens, duration, firstByte, retries, faults, clamped };
}

function registerGauges(registry: Registry, gauges: readonly GaugeSource[]): void {
  for (const { name, help, read } of gauges) {
    const gauge: Gauge = new Gauge({
      name: `flywheel_gateway_${name}`,
      help,
      registers: [registry],
      collect: () => {
        gauge.set(read());
      },
    });
  }
}
