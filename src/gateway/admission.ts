/**
 * What a request may cost before anybody has counted its tokens. Pure. The hold is a worst case: a
 * token is at least one byte, so the bytes of the body bound its input, the model's context bounds
 * both, and the answer is as long as the caller or the context allows.
 */
import { type PricedModel, priceInForceIn } from '#pricing/price.ts';
import { type PriceTier, priceOfTier } from '#pricing/tier.ts';
import { worstCase } from '#pricing/worst-case.ts';
import { DEFAULT_CURRENCY } from '#tenancy/currency.ts';
import type { KeyIdentity } from './control-client.ts';
import { failRequest } from './errors.ts';
import { type FeedView, type ServedModel, findModel } from './feed-view.ts';
import { expectedBeside } from './usage/priced-use.ts';
import type { ParsedRequest } from './wire/openai/request.ts';
import { OPERATIONS } from './wire/operations.ts';

export type Plan = Readonly<{
  /** The version in force now, in the request's class: it is rated with both whatever happens meanwhile. */
  price: PricedModel | null;
  inputEstimate: number;
  outputTokensMax: number;
  /** 0 where the model is free. */
  holdPico: bigint;
  /** The price asks something for the request itself, however long. */
  isPerRequest: boolean;
  /** The most it costs with an answer of so many tokens; `holdPico` where it is as long as it may be. */
  costOf: (outputTokens: number) => bigint;
  /** Tokens after which an engine that does not stop is cut off. */
  deliveredMax: number;
}>;

/** Where neither the caller nor the model says how long an answer may be. */
const OUTPUT_TOKENS_DEFAULT = 32_768;
/** Some engines send more than one event for a token; twice the limit and a bit is beyond doubt. */
const RUNAWAY_FACTOR = 2;
const RUNAWAY_SLACK = 1_024;

/** Raises `model_not_priced`: what others pay for is not free in another currency. */
export function planRequest(
  served: ServedModel,
  request: ParsedRequest,
  at: Readonly<{ nowMs: number; tier: PriceTier; currency?: string | undefined }>,
): Plan {
  const { currency = DEFAULT_CURRENCY } = at;
  const inForce = priceInForceIn(served.model.prices, currency, at.nowMs);
  if (inForce === 'elsewhere') {
    throw failRequest('model_not_priced', `${served.model.name} has no price in ${currency} yet.`, {
      param: 'model',
    });
  }
  const price = inForce === null ? null : priceOfTier(inForce, at.tier);
  const contextLength = contextLengthOf(served);
  const isRead = price !== null && OPERATIONS[request.operation].isFree !== true;
  const beside = isRead ? expectedBeside(price, request) : {};
  const { isFree = false, bytesPerToken = 1 } = OPERATIONS[request.operation];
  const inputMax = isFree ? 0 : Math.ceil(request.bytes.length / bytesPerToken);
  const inputEstimate = Math.min(inputMax, contextLength ?? inputMax);
  const perChoice = contextLength ?? OUTPUT_TOKENS_DEFAULT;
  const outputLimit = perChoice * request.choices;
  const outputTokensMax = Math.min(request.outputTokensMax ?? outputLimit, outputLimit);
  const costOf = (outputTokens: number): bigint =>
    price === null ? 0n : worstCase(price, inputEstimate, outputTokens, beside);
  return {
    price,
    inputEstimate,
    outputTokensMax,
    holdPico: costOf(outputTokensMax),
    costOf,
    isPerRequest: beside.units?.some(({ unit }) => unit === 'request') === true,
    deliveredMax: outputTokensMax * RUNAWAY_FACTOR + RUNAWAY_SLACK,
  };
}

/** The longest context that any replica offers, else what the model says of itself. */
function contextLengthOf({ model, replicas }: ServedModel): number | null {
  let longest: number | null = null;
  for (const { contextLength } of replicas) {
    if (contextLength !== null && (longest === null || contextLength > longest)) {
      longest = contextLength;
    }
  }
  return longest ?? model.contextLength;
}

/** Roles that may call models; the others look after people, money or nothing. */
const CALLING_ROLES = new Set(['owner', 'admin', 'developer']);

/** The model, if this key may call it. Raises 403 and 404 codes; a model of others does not exist. */
export function admitModel(view: FeedView, key: KeyIdentity, name: string): ServedModel {
  requireCaller(view, key);
  const served = findModel(view, name, key.tenantId);
  if (served === null) {
    throw failRequest('model_not_found', `There is no model ${JSON.stringify(name)} here.`, {
      param: 'model',
    });
  }
  if (key.models !== null && !key.models.includes(name)) {
    throw failRequest('model_not_allowed', `This API key may not call ${name}.`, {
      param: 'model',
    });
  }
  return served;
}

/** Whether this key may call models at all, and so see what calls of its tenant gave. Raises 403 codes. */
export function requireCaller(view: FeedView, key: KeyIdentity): void {
  if (view.suspendedTenantIds.has(key.tenantId)) {
    throw failRequest('tenant_suspended', 'This account is suspended.');
  }
  if (!CALLING_ROLES.has(key.role)) {
    throw failRequest('permission_denied', `The role ${key.role} may not call models.`);
  }
}
