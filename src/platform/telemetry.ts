/**
 * What operators look at in every process: `/healthz` (it lives), `/readyz` (it can do its work),
 * `/metrics` (Prometheus text). The gateway's hot path has its own counters; this is for the rest.
 */
import { Hono } from 'hono';
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';

export type Telemetry = Readonly<{
  /** A number that is read when somebody looks. */
  gauge: (name: string, help: string, read: () => number | Promise<number>) => void;
  /** The same by a label's values. */
  gauges: (
    name: string,
    help: string,
    label: string,
    read: () => Promise<ReadonlyMap<string, number>>,
  ) => void;
  /** The three pages; `isReady` is asked each time. */
  pages: (isReady: () => boolean | Promise<boolean>) => Hono;
}>;

/** `name` is the process, and a label of every metric. */
export function createTelemetry(name: string): Telemetry {
  const registry = new Registry();
  registry.setDefaultLabels({ process: name });
  collectDefaultMetrics({ register: registry });
  return {
    gauge: (metric, help, read) => {
      const gauge: Gauge = new Gauge({
        name: `flywheel_${metric}`,
        help,
        registers: [registry],
        collect: async () => gauge.set(await read()),
      });
    },
    gauges: (metric, help, label, read) => {
      const gauge: Gauge = new Gauge({
        name: `flywheel_${metric}`,
        help,
        labelNames: [label],
        registers: [registry],
        collect: async () => {
          for (const [value, number] of await read()) gauge.set({ [label]: value }, number);
        },
      });
    },
    pages: (isReady) => {
      const app = new Hono();
      app.get('/healthz', (context) => context.json({ status: 'ok' }));
      app.get('/readyz', async (context) => {
        const ready = await Promise.resolve(isReady()).catch(() => false);
        return context.json({ status: ready ? 'ready' : 'starting' }, ready ? 200 : 503);
      });
      app.get('/metrics', async (context) =>
        context.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
      );
      return app;
    },
  };
}
