/** What a request asks of the queue and of the choice of a replica, read from its head and its body. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Measured } from './attempt.ts';
import { failRequest } from './errors.ts';
import { PATIENCE_HEADER, parsePatience } from './queue/patience.ts';
import { type ServiceTier, TIER_HEADER, parseServiceTier } from './queue/service-tier.ts';
import { tokenCost } from './queue/token-cost.ts';
import type { SlotRequest } from './replica-slots.ts';
import { promptBlocks } from './routing/prompt-blocks.ts';
import type { Target } from './routing/targets.ts';
import { guessTokens } from './wire/openai/answer.ts';
import type { ParsedRequest } from './wire/openai/request.ts';

export const SESSION_HEADER = 'x-flywheel-session';
/** Longer names of sessions are not looked at. */
const SESSION_CHARACTERS_MAX = 200;

/** What the caller asked for beside the model. Raises `invalid_value`. */
export type Wishes = Readonly<{ tier: ServiceTier; patienceMs: number | null }>;

export function readWishes(headers: IncomingHttpHeaders, request: ParsedRequest): Wishes {
  const named = headers[TIER_HEADER] ?? request.fields['service_tier'];
  const tier = parseServiceTier(named);
  if (tier === null) {
    throw failRequest('invalid_value', 'service_tier should be flex, default or priority.', {
      param: 'service_tier',
    });
  }
  return { tier, patienceMs: parsePatience(headers[PATIENCE_HEADER]) };
}

/** What the caller calls its session: a header of ours, or what OpenAI's dialect has for it. */
export function sessionOf(headers: IncomingHttpHeaders, request: ParsedRequest): string | null {
  const { fields } = request;
  for (const named of [headers[SESSION_HEADER], fields['prompt_cache_key'], fields['user']]) {
    if (typeof named === 'string' && named !== '') return named.slice(0, SESSION_CHARACTERS_MAX);
  }
  return null;
}

export type SlotWishes = Readonly<{
  tenantId: string;
  target: Target;
  wishes: Wishes;
  /** There is another target behind this one. */
  isReplaceable: boolean;
  /** Where it may be served; null where that does not matter. */
  regions: ReadonlySet<string> | null;
}>;

export function slotRequest(
  asked: SlotWishes & Readonly<{ request: ParsedRequest; measured: () => Measured | null }>,
): Omit<SlotRequest, 'tried'> & Wishes {
  const { tenantId, request, target, wishes, isReplaceable, regions, measured } = asked;
  const inputGuess = guessTokens(request.promptCharacters);
  let blocks: readonly number[] | null = null;
  return {
    ...wishes,
    tenantId,
    isReplaceable,
    regions,
    modelName: request.model,
    deploymentId: target.deploymentId,
    blocks: () => (blocks ??= promptBlocks(tenantId, request.fields)),
    cost: () => tokenCost(measured(), inputGuess),
  };
}
