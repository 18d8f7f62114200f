/** Tenants, a price and shipments for the benchmark of the books, and sums as of very many calls. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#platform/clock.ts';
import { readSettings } from '#platform/config.ts';
import { type Database, type DatabaseHandle, sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { silentLog } from '#platform/log.ts';
import { buildControl } from '#main/control-parts.ts';
import type { RawShipment } from '#metering/ingest.ts';
import type { SettledRecord } from '#metering/usage-event.ts';
import { createPricing } from '#pricing/pricing.ts';
import { insertModel, insertTenant } from '../../test/money.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';

export const JOIN_TOKEN = 'join-token-of-the-benchmark';
export const TENANTS = 20;
const KEYS = 3;
const MODELS = 5;
/** Every month has them. */
const BILL_DAYS = 28;

/**
 * Control as the cloud builds it: with all that it asks about a call (who pays, who earns, what is closed, what a
 * provider takes, which limits spending counts against).
 */
export async function createBooks(handle: DatabaseHandle, url: string) {
  const { database } = handle;
  const control = buildControl({
    options: {
      settings: readSettings({ FLYWHEEL_HOME: mkdtempSync(join(tmpdir(), 'flywheel-bench-')) }),
      databaseUrl: url,
      controlUrl: null,
      joinToken: JOIN_TOKEN,
      sessionSecret: 'session-secret-of-the-benchmark-session-secret',
      publicUrl: 'http://localhost:8080',
      host: '127.0.0.1',
      port: 0,
      modelsFolder: null,
    },
    handle,
    clock: systemClock,
    log: silentLog,
  });
  const { ledger, metering } = control;
  const tenants: string[] = [];
  for (let count = 0; count < TENANTS; count += 1) tenants.push(await insertTenant(database));
  const owner = tenants[0] ?? '';
  const models: Readonly<{ id: string; name: string }>[] = [];
  // The hub does not list models that were never uploaded; control finds prices by their ids.
  const pricing = createPricing({
    database,
    models: {
      find: async (name) => models.find((model) => model.name === name) ?? null,
      list: async () => models,
    },
    clock: systemClock,
    log: silentLog,
  });
  const prices: Readonly<{ modelId: string; modelName: string; priceId: string }>[] = [];
  for (let count = 0; count < MODELS; count += 1) {
    const model = await insertModel(database, owner, `model-${count}`);
    models.push(model);
    const { id } = await pricing.publish(
      { tenantId: owner, isOperator: true },
      {
        model: model.name,
        currency: 'CNY',
        effectiveFromMs: null,
        inputPerMillion: '0.3',
        cacheReadPerMillion: '0.03',
        outputPerMillion: '1.2',
        reasoningPerMillion: null,
        createdBy: null,
      },
    );
    prices.push({ modelId: model.id, modelName: model.name, priceId: id });
  }
  await metering.tidy();
  const leases = new Map<string, string>();
  for (const tenantId of tenants) {
    const account = { tenantId, currency: 'CNY' };
    const payment = { amountPico: 10n ** 20n, idempotencyKey: 'bench', note: '' };
    await ledger.credit({ ...account, ...payment });
    const wanted = { gatewayId: 'gtw_0', amountPico: 10n ** 18n };
    const { lease } = await ledger.leases.open({ ...account, ...wanted });
    leases.set(tenantId, lease?.id ?? '');
  }
  const record = (index: number): SettledRecord => {
    const nowMs = Date.now();
    const priced = prices[index % MODELS];
    const tenant = (index * 7) % TENANTS;
    const changes = { ...priced, admittedAtMs: nowMs, requestId: createId('req', nowMs) };
    const tenantId = tenants[tenant] ?? '';
    const leaseId = leases.get(tenantId) ?? null;
    const key = `key_01k9bench${String(tenant * KEYS + (index % KEYS)).padStart(15, '0')}`;
    return settledOf(identityOf({ ...changes, tenantId, leaseId, keyId: key }), {
      settledAtMs: nowMs + 900,
      usage: {
        input: 100 + ((index * 37) % 900),
        cacheRead: index % 4 === 0 ? 512 : 0,
        cacheWrite: 0,
        output: 20 + ((index * 13) % 400),
        reasoning: 0,
      },
    });
  };
  return { control, tenants, ledger, metering, record };
}

export function shipmentOf(
  gatewayId: string,
  segment: number,
  settled: readonly SettledRecord[],
): RawShipment {
  return { gatewayId, segment, fromOffset: 0, toOffset: 1, settled };
}

/** Sums of a month of calls of one tenant: 40 keys and 5 models in every hour. */
export async function seedSums(database: Database, tenantId: string, calls: number): Promise<void> {
  const groups = 30 * 24 * 40 * 5;
  const each = Math.ceil(calls / groups);
  await sql`
    insert into usage_hourly (tenant_id, hour, group_id, project_id, key_id, model_id, model_name,
      service_tier, rated_by, region, currency, is_correction, calls, input_tokens,
      cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens,
      reasoning_tokens, amount_pico, cost_pico, author_pico)
    select ${tenantId}, date_trunc('hour', now(), 'UTC') - hour * interval '1 hour',
      gen_random_uuid(), 'prj_1', 'key_' || key, 'mdl_' || model, 'acme/model-' || model, 'default',
      'price', '', 'CNY', false, ${each}::bigint, ${each}::bigint * 500, 0, 0, 0,
      ${each}::bigint * 200, 0, ${each}::numeric * 390000000, 0, 0
    from generate_series(0, 719) as hour, generate_series(1, 40) as key,
      generate_series(1, 5) as model`.execute(database);
  await sql`
    insert into usage_daily
    select tenant_id, (hour at time zone 'UTC')::date, gen_random_uuid(), project_id, key_id,
      model_id, model_name, service_tier, rated_by, region, currency, is_correction, sum(calls),
      sum(input_tokens), 0, 0, 0, sum(output_tokens), 0, sum(amount_pico), 0, 0
    from usage_hourly where tenant_id = ${tenantId}
    group by 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12`.execute(database);
  await sql`analyze usage_hourly, usage_daily`.execute(database);
}

/** Lines of a bill's first 28 days, paid in cash: five models, three kinds of tokens, every quarter of an hour. */
export async function seedLines(
  database: Database,
  bill: Readonly<{ tenantId: string; calls: number; from: string }>,
): Promise<void> {
  const { tenantId } = bill;
  const each = Math.ceil(bill.calls / (BILL_DAYS * 96 * MODELS));
  const quarters = sql`generate_series(${bill.from}::date::timestamp at time zone 'UTC',
      (${bill.from}::date + ${BILL_DAYS}::integer)::timestamp at time zone 'UTC' - interval '15 minutes',
      '15 minutes') as at,
    generate_series(1, ${MODELS}::integer) as model`;
  await sql`
    insert into usage_line_sums (tenant_id, quarter, group_id, currency, project_id, model_id,
      model_name, service_tier, price_id, unit, direction, charged_as, rate, up_to, each_pico,
      is_correction, service_day, calls, units, priced, amount_pico)
    select ${tenantId}, at, gen_random_uuid(), 'CNY', 'prj_1', 'mdl_' || model,
      'acme/model-' || model, 'default', 'prc_' || model, 'token', direction, direction,
      'token/' || direction, null, 300000, false, (at at time zone 'UTC')::date, ${each}::bigint,
      ${each}::bigint * 500, ${each}::bigint * 500, ${each}::numeric * 150000000
    from ${quarters}, (values ('input'), ('cache_read'), ('output')) as kinds (direction)`.execute(
    database,
  );
  await sql`
    insert into usage_source_sums (tenant_id, quarter, group_id, currency, project_id, model_id,
      model_name, source, source_id, is_correction, calls, units, amount_pico)
    select ${tenantId}, at, gen_random_uuid(), 'CNY', 'prj_1', 'mdl_' || model,
      'acme/model-' || model, 'cash', null, false, ${each}::bigint, 0,
      ${each}::numeric * 150000000 * 3
    from ${quarters}`.execute(database);
  await sql`analyze usage_line_sums, usage_source_sums`.execute(database);
}
