/**
 * Ten days of calls that never were, told to control as a gateway would tell them: rated, posted and
 * summed by the same code as real ones. The same each time, but for the clock.
 */
import type { Client } from '#client/client.ts';
import type { SettledRecord } from '#metering/usage-event.ts';

const HOUR_MS = 3_600_000;
const HOURS = 240;
const CALLS_PER_HOUR = 22;
const SHIPMENT_RECORDS = 1000;
const GATEWAY = 'gtw_sample';

export type SampleModel = Readonly<{
  name: string;
  share: number;
  output: number;
  reasons: boolean;
}>;

export type Sample = Readonly<{
  client: Client;
  controlUrl: string;
  joinToken: string;
  models: readonly SampleModel[];
}>;

export async function shipSampleDays(sample: Sample): Promise<void> {
  const records = await sampleRecords(sample);
  for (let from = 0; from < records.length; from += SHIPMENT_RECORDS) {
    const settled = records.slice(from, from + SHIPMENT_RECORDS);
    const response = await fetch(`${sample.controlUrl}/internal/v1/usage`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${sample.joinToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        gatewayId: GATEWAY,
        segment: 1,
        fromOffset: from,
        toOffset: from + settled.length,
        settled,
      }),
    });
    if (!response.ok) throw new Error(`the sample was refused: ${await response.text()}`);
  }
}

async function sampleRecords({ client, models }: Sample): Promise<readonly SettledRecord[]> {
  const me = await client.me.get();
  const keys = (await client.keys.list()).data;
  const hub = (await client.models.list()).data;
  const prices = (await client.prices.list()).data;
  const random = createRandom(7);
  const nowMs = Date.now();
  const records: SettledRecord[] = [];
  for (let hour = HOURS - 1; hour >= 0; hour -= 1) {
    const startMs = nowMs - (hour + 1) * HOUR_MS;
    const calls = Math.round(CALLS_PER_HOUR * load(startMs, hour) * (0.8 + 0.4 * random()));
    for (let call = 0; call < calls; call += 1) {
      const model = pick(models, random());
      const entry = hub.find(({ name }) => name === model.name);
      const key = keys[Math.floor(random() ** 2 * keys.length)];
      if (entry === undefined || key === undefined) continue;
      const admittedAtMs = Math.round(startMs + (call / calls) * HOUR_MS);
      const output = Math.round(model.output * (0.4 + 1.2 * random()));
      const isCancelled = random() < 0.03;
      records.push({
        kind: 'settled',
        requestId: `req_sample${hour.toString(36)}x${call.toString(36).padStart(3, '0')}`,
        attempt: 1,
        tenantId: me.tenant.id,
        projectId: key.projectId,
        keyId: key.id,
        modelName: model.name,
        modelId: entry.id,
        priceId: prices.find(({ modelId }) => modelId === entry.id)?.id ?? null,
        leaseId: null,
        holdPico: '0',
        admittedAtMs,
        outcome: isCancelled ? 'cancelled' : 'finished',
        status: isCancelled ? 499 : 200,
        deploymentId: null,
        replicaId: null,
        usage: {
          input: Math.round(180 + 700 * random()),
          cacheRead: random() < 0.5 ? 512 : 0,
          cacheWrite: 0,
          output,
          reasoning: model.reasons ? Math.round(output * 0.6) : 0,
        },
        usageSource: 'engine',
        firstByteAtMs: admittedAtMs + Math.round(60 + 240 * random()),
        settledAtMs: admittedAtMs + Math.round(900 + output * 14),
      });
    }
  }
  return records;
}

/** Busy days, quiet nights, and a little more each day. */
function load(atMs: number, hoursAgo: number): number {
  const hourOfDay = (atMs / HOUR_MS) % 24;
  const day = 0.55 + 0.45 * Math.sin(((hourOfDay - 4) / 24) * 2 * Math.PI);
  return day * (1.7 - hoursAgo / HOURS);
}

function pick(models: readonly SampleModel[], at: number): SampleModel {
  let rest = at;
  for (const model of models) {
    rest -= model.share;
    if (rest <= 0) return model;
  }
  const [first] = models;
  if (first === undefined) throw new Error('no models to pick from');
  return first;
}

/** A small linear congruential generator: the same pictures each time. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
