/**
 * What authors of models earn. Owns the rules of sharing, effective-dated like prices and never edited,
 * the fold of what accrued, statements by month and the record of payouts. Promises that a share is posted
 * in the entry of the call that earned it, that it never exceeds what was paid, and that what is owed is
 * what the ledger says: earned, less taken back, less paid out. Sends no money; it records that somebody
 * did. Who pays a call is decided elsewhere and handed in with it.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, isUniqueViolation } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import type { Posting } from '#ledger/entry.ts';
import type { Ledger } from '#ledger/ledger.ts';
import { formatAmount, sum } from '#ledger/money.ts';
import { readCurrency } from '#tenancy/currency.ts';
import type { Author, AuthorEarnings, AuthorStatement, ShareRule } from './api.ts';
import { fail } from './errors.ts';
import { type Payouts, createPayouts } from './payouts.ts';
import { type PaidPart, type ShareRule as Rule, ruleAt } from './rule.ts';
import {
  type AuthorShare,
  type CountedCall,
  type Publishers,
  type Reversal,
  reverseShare,
  sharesOf,
} from './shares.ts';
import { type StatementQuery, daysOf, monthOf, readStatement } from './statement.ts';
import {
  type AuthorDifference,
  insertRule,
  selectAuthors,
  selectDifferences,
  selectEarningDays,
  selectModelsGivenTo,
  selectRules,
  selectRulesFor,
} from './store.ts';

/** What authors ask of those who know models. */
export type AuthorModels = Readonly<{
  publishersOf: Publishers;
  /** As the operator sees them. */
  find: (name: string) => Promise<Readonly<{ id: string; name: string }> | null>;
  namesOf: (modelIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  publishedBy: (tenantId: string) => Promise<readonly string[]>;
}>;

export type NewRule = Readonly<{
  /** Null is the default of the cloud. */
  model: string | null;
  basisPoints: number | null;
  authorTenantId: string | null;
  countsOwnUsage: boolean;
  countsFreeUsage: boolean;
  /** Null is now. */
  effectiveFromMs: number | null;
  createdBy: string | null;
}>;

/** Null is the tenant's own currency. */
type OfAuthor = Readonly<{ tenantId: string; currency: string | null }>;

export type Authors = Readonly<{
  /** For ingestion; the order of the calls is kept. */
  postingsFor: (
    tx: Database,
    calls: readonly CountedCall[],
    paid: readonly (readonly PaidPart[])[],
  ) => Promise<readonly AuthorShare[]>;
  /** When what is earned of these models changed, or is to change; empty where nothing is shared. */
  ruleChanges: (tx: Database, modelIds: readonly string[]) => Promise<readonly number[]>;
  /** For whoever gives a payment back, in the entry that does. */
  reversal: (tx: Database, reversal: Reversal) => Promise<readonly Posting[]>;
  /** Raises `share.model_unknown`, `share.in_past`, `share.default_incomplete`, `share.exists`. */
  setRule: (rule: NewRule) => Promise<ShareRule>;
  /** Those of one author's models when a tenant is named, with the default. */
  rules: (tenantId: string | null) => Promise<readonly ShareRule[]>;
  list: () => Promise<readonly Author[]>;
  /** In the tenant's own currency where none is named. */
  earnings: (query: OfAuthor) => Promise<AuthorEarnings>;
  /** Raises `author.month_invalid`, `author.unknown`. */
  statement: (query: OfAuthor & Pick<StatementQuery, 'month'>) => Promise<AuthorStatement>;
  payouts: Payouts;
  /** Accounts that are not what earnings and payouts say. */
  verify: () => Promise<readonly AuthorDifference[]>;
}>;

export type AuthorParts = Readonly<{
  database: Database;
  ledger: Pick<Ledger, 'post'>;
  models: AuthorModels;
  clock: Clock;
  log: Log;
}>;

/** A client that says "from now" is a moment behind by the time it is read. */
const PAST_TOLERANCE_MS = 60_000;

/** Versions in one answer: a big hub has some thousand models with a rule of their own. */
const RULES_MAX = 5_000;
const AUTHORS_MAX = 5_000;
const DIFFERENCES_MAX = 100;

export function createAuthors(parts: AuthorParts): Authors {
  const { database, clock, models } = parts;
  const shareParts = { publishersOf: models.publishersOf, clock };
  return {
    postingsFor: (tx, calls, paid) => sharesOf(tx, shareParts, calls, paid),
    ruleChanges: async (tx, modelIds) => {
      const rules = await selectRulesFor(tx, modelIds);
      return [...new Set(rules.map(({ effectiveFromMs }) => effectiveFromMs))];
    },
    reversal: (tx, reversal) => reverseShare(tx, shareParts, reversal),
    setRule: (rule) => setRule(parts, rule),
    rules: (tenantId) => readRules(parts, tenantId),
    list: async () => {
      const rows = await selectAuthors(database, { tenantId: null, limit: AUTHORS_MAX });
      return rows.map(({ earnedPico, paidPico, payablePico, ...row }) => ({
        ...row,
        payable: formatAmount(BigInt(payablePico)),
        earned: formatAmount(BigInt(earnedPico)),
        paid: formatAmount(BigInt(paidPico)),
      }));
    },
    earnings: (query) => readEarnings(parts, query),
    statement: async ({ currency, ...query }) =>
      readStatement(
        { database, clock, namesOf: models.namesOf },
        { ...query, currency: currency ?? (await readCurrency(database, query.tenantId)) },
      ),
    payouts: createPayouts(parts),
    verify: () => selectDifferences(database, DIFFERENCES_MAX),
  };
}

async function setRule(parts: AuthorParts, given: NewRule): Promise<ShareRule> {
  const { database, models, clock, log } = parts;
  const nowMs = clock.nowMs();
  const effectiveFromMs = given.effectiveFromMs ?? nowMs;
  if (effectiveFromMs < nowMs - PAST_TOLERANCE_MS) {
    throw fail('share.in_past', 'A share begins now or later: what was earned stays as it was.', {
      param: 'effectiveFrom',
    });
  }
  const model = given.model === null ? null : await models.find(given.model);
  if (given.model !== null && model === null) {
    throw fail('share.model_unknown', `There is no model ${given.model}.`, { param: 'model' });
  }
  if (model === null && (given.basisPoints === null || given.authorTenantId !== null)) {
    throw fail(
      'share.default_incomplete',
      'The default of the cloud has a share, and the author is whoever published the model.',
      { param: 'basisPoints' },
    );
  }
  const rule: Rule = {
    id: createId('srl', nowMs),
    modelId: model?.id ?? null,
    basisPoints: given.basisPoints,
    authorTenantId: given.authorTenantId,
    countsOwnUsage: given.countsOwnUsage,
    countsFreeUsage: given.countsFreeUsage,
    // Never before now, so that no call already admitted was made under another one.
    effectiveFromMs: Math.max(effectiveFromMs, nowMs),
  };
  try {
    await insertRule(database, { ...rule, createdBy: given.createdBy, createdAtMs: nowMs });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw fail('share.exists', 'Another share of this model begins at the very same instant.', {
      param: 'effectiveFrom',
      cause: error,
    });
  }
  log.info('share.set', { ruleId: rule.id, modelId: rule.modelId });
  return toRule(rule, { name: model?.name ?? null, rules: [rule], nowMs });
}

async function readRules(
  { database, models, clock }: AuthorParts,
  tenantId: string | null,
): Promise<readonly ShareRule[]> {
  const modelIds =
    tenantId === null
      ? null
      : [
          ...(await models.publishedBy(tenantId)),
          ...(await selectModelsGivenTo(database, tenantId)),
        ];
  const found = await selectRules(database, { modelIds, limit: RULES_MAX });
  const ids = [...new Set(found.flatMap(({ modelId }) => (modelId === null ? [] : [modelId])))];
  const names = await models.namesOf(ids);
  const nowMs = clock.nowMs();
  // Another author of the same model is nobody's business but the operator's.
  const rules = found.filter(
    ({ authorTenantId }) =>
      tenantId === null || authorTenantId === null || authorTenantId === tenantId,
  );
  return rules.map((rule) => {
    const name = rule.modelId === null ? null : (names.get(rule.modelId) ?? rule.modelId);
    return toRule(rule, { name, rules: found, nowMs });
  });
}

function toRule(
  rule: Rule,
  view: Readonly<{ name: string | null; rules: readonly Rule[]; nowMs: number }>,
): ShareRule {
  const { effectiveFromMs, ...rest } = rule;
  return {
    ...rest,
    modelName: view.name,
    effectiveFrom: new Date(effectiveFromMs).toISOString(),
    state: stateOf(rule, view),
  };
}

function stateOf(
  rule: Rule,
  { rules, nowMs }: Readonly<{ rules: readonly Rule[]; nowMs: number }>,
): ShareRule['state'] {
  if (rule.effectiveFromMs > nowMs) return 'scheduled';
  const later = rules.some(
    ({ modelId, effectiveFromMs }) =>
      modelId === rule.modelId &&
      effectiveFromMs > rule.effectiveFromMs &&
      effectiveFromMs <= nowMs,
  );
  return later ? 'past' : 'current';
}

async function readEarnings(
  parts: AuthorParts,
  { tenantId, currency: asked }: OfAuthor,
): Promise<AuthorEarnings> {
  const { database, clock } = parts;
  const own = await readCurrency(database, tenantId);
  const currency = asked ?? own;
  const rows = await selectAuthors(database, { tenantId, limit: AUTHORS_MAX });
  const row = rows.find((each) => each.currency === currency);
  const month = monthOf(clock.nowMs());
  const days = await selectEarningDays(database, { tenantId, currency, ...daysOf(month) });
  return {
    tenantId,
    isAuthor: row !== undefined || (await isSharedWith(parts, tenantId)),
    currency,
    currencies: [...new Set([own, ...rows.map((each) => each.currency)])],
    payable: formatAmount(BigInt(row?.payablePico ?? '0')),
    earned: formatAmount(BigInt(row?.earnedPico ?? '0')),
    paid: formatAmount(BigInt(row?.paidPico ?? '0')),
    thisMonth: formatAmount(sum(days.map(({ sharePico }) => BigInt(sharePico)))),
  };
}

/** Its next call may earn something: it has a model, and a share above zero holds for it. */
async function isSharedWith(
  { database, models, clock }: AuthorParts,
  tenantId: string,
): Promise<boolean> {
  const published = await models.publishedBy(tenantId);
  const given = await selectModelsGivenTo(database, tenantId);
  const rules = await selectRules(database, {
    modelIds: [...published, ...given],
    limit: RULES_MAX,
  });
  const atMs = clock.nowMs();
  return [...published, ...given].some((modelId) => {
    const rule = ruleAt(rules, modelId, atMs);
    if (rule === null || (rule.basisPoints ?? 0) === 0) return false;
    return rule.authorTenantId === null || rule.authorTenantId === tenantId;
  });
}
