/**
 * Free quotas: the operator says what a new tenant gets of each model, and for how long. A tenant gets it
 * when it is made, or on demand where it was there before; never twice. It may say that nothing else is
 * to pay.
 */
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import {
  type FreeQuota,
  type FreeQuotaRule,
  type FreeQuotaRuleSet,
  freeQuotaRuleSetSchema,
} from './api.ts';
import { lockTenant, withTenant } from './lock.ts';
import { findModel } from './models.ts';
import type { CreditsParts, Viewer } from './ports.ts';
import {
  type QuotaRule,
  type QuotaUnit,
  type StoredQuota,
  deleteRule,
  insertQuotas,
  selectQuotas,
  selectRules,
  updateFreeOnly,
  upsertRule,
} from './quotas-store.ts';

export type Quotas = Readonly<{
  rules: () => Promise<readonly FreeQuotaRule[]>;
  /** Raises `credit.scope_unknown`. */
  setRule: (
    viewer: Viewer,
    by: string | null,
    input: FreeQuotaRuleSet,
  ) => Promise<readonly FreeQuotaRule[]>;
  list: (tenantId: string) => Promise<readonly FreeQuota[]>;
  /** Gives what the rules say and the tenant does not have. Raises `credit.tenant_unknown`. */
  give: (tenantId: string) => Promise<readonly FreeQuota[]>;
  /** In the transaction that makes the tenant. */
  giveNew: (tx: Database, tenantId: string) => Promise<void>;
  setFreeOnly: (tenantId: string, isFreeOnly: boolean) => Promise<void>;
}>;

const DAY_MS = 24 * 60 * 60_000;

export function createQuotas(parts: CreditsParts): Quotas {
  const { database, models, clock } = parts;
  const rules = async () => (await selectRules(database)).map(presentRule);
  const list = async (tenantId: string) => (await selectQuotas(database, tenantId)).map(present);
  return {
    rules,
    setRule: async (viewer, by, input) => {
      const { model: name, unit, units, validDays } = freeQuotaRuleSetSchema.parse(input);
      const model = await findModel(models, viewer, name);
      const rule = { modelId: model.id, unit };
      await transaction(database, (tx) =>
        units === 0
          ? deleteRule(tx, rule)
          : upsertRule(tx, {
              ...rule,
              modelName: model.name,
              units: toCounts(unit, units),
              validDays,
              createdBy: by,
              updatedAt: new Date(clock.nowMs()),
            }),
      );
      return rules();
    },
    list,
    give: async (tenantId) => {
      await withTenant(database, tenantId, (tx) => give(tx, tenantId, clock.nowMs()));
      return list(tenantId);
    },
    giveNew: async (tx, tenantId) => {
      if ((await selectRules(tx)).length === 0) return;
      await lockTenant(tx, tenantId);
      await give(tx, tenantId, clock.nowMs());
    },
    setFreeOnly: async (tenantId, isFreeOnly) => {
      await withTenant(database, tenantId, (tx) => updateFreeOnly(tx, { tenantId, isFreeOnly }));
    },
  };
}

async function give(tx: Database, tenantId: string, nowMs: number): Promise<void> {
  const rules = await selectRules(tx);
  await insertQuotas(
    tx,
    rules.map(({ validDays, ...rule }) => ({
      ...rule,
      tenantId,
      id: createId('fqt', nowMs),
      startsAt: new Date(nowMs),
      expiresAt: validDays === null ? null : new Date(nowMs + validDays * DAY_MS),
    })),
  );
}

/** Seconds are counted in thousandths, as calls are rated; pricing's COUNTS_PER_UNIT says the same. */
const COUNTS: Readonly<Partial<Record<QuotaUnit, bigint>>> = {
  second: 1_000n,
  video_second: 1_000n,
};

function toCounts(unit: QuotaUnit, units: number): bigint {
  return BigInt(units) * (COUNTS[unit] ?? 1n);
}

function fromCounts(unit: QuotaUnit, counts: bigint): number {
  return Number(counts) / Number(COUNTS[unit] ?? 1n);
}

function presentRule({ modelName, unit, units, validDays, updatedAt }: QuotaRule): FreeQuotaRule {
  return {
    model: modelName,
    unit,
    units: fromCounts(unit, units),
    validDays,
    updatedAt: updatedAt.toISOString(),
  };
}

function present(quota: StoredQuota): FreeQuota {
  const { unit } = quota;
  return {
    id: quota.id,
    model: quota.modelName,
    unit,
    units: fromCounts(unit, quota.units),
    used: fromCounts(unit, quota.usedUnits),
    startsAt: quota.startsAt.toISOString(),
    expiresAt: quota.expiresAt?.toISOString() ?? null,
  };
}
