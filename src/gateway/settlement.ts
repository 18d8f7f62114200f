/**
 * What a request used, from what its engine said or, where it said nothing, from what was delivered.
 * Pure. An engine that was cut off in the middle never says; then delivered tokens count, and the
 * prompt is what the engine announced before its answer (ours does) or else a guess from its text on
 * the low side, so that nobody pays for a guess too high.
 */
import { NO_USAGE, type Outcome, type SettledRecord } from '#metering/usage-event.ts';
import type { PriceAttributes } from '#pricing/quantities.ts';
import type { Measured } from './attempt.ts';
import { guessTokens } from './wire/openai/answer.ts';
import type { ParsedRequest } from './wire/openai/request.ts';

export type Settlement = Pick<SettledRecord, 'usage' | 'usageSource' | 'units' | 'attributes'>;

const NOTHING = { usage: NO_USAGE, usageSource: 'none' } as const;

/** No engine was asked. */
export const UNMEASURED: Measured = { counted: null, delivered: 0 };

type Asked = Pick<ParsedRequest, 'promptCharacters'>;

export function settlementOf(
  measured: Measured,
  request: Asked | null,
  outcome: Outcome,
): Settlement {
  const units = outcome === 'failed' ? [] : (measured.other?.use.units ?? []);
  const tokens = tokensOf(measured, request, outcome);
  const attributes = attributesOf(measured);
  return {
    ...tokens,
    ...(units.length > 0 && { units }),
    ...(attributes !== null && { attributes }),
  };
}

function tokensOf(
  measured: Measured,
  request: Asked | null,
  outcome: Outcome,
): Pick<Settlement, 'usage' | 'usageSource'> {
  const usage = measured.counted?.usage ?? null;
  // What failed without a token of an answer costs nothing, though the engine counted the prompt.
  if (usage !== null && outcome === 'failed' && usage.output + usage.reasoning === 0) {
    return NOTHING;
  }
  if (usage !== null) return { usage, usageSource: 'engine' };
  // A request that failed before its first token costs nothing, whatever the engine did meanwhile.
  if (request === null || (measured.delivered === 0 && outcome !== 'finished')) return NOTHING;
  const prompt = measured.prompt ?? {
    input: guessTokens(request.promptCharacters),
    cacheRead: 0,
  };
  return { usage: { ...NO_USAGE, ...prompt, output: measured.delivered }, usageSource: 'counted' };
}

/** Only what is not the plain case: an answer with thoughts, a cache that the caller made, a size. */
function attributesOf({ counted, hasThought, other }: Measured): PriceAttributes | null {
  const isThinking = hasThought === true || (counted?.usage.reasoning ?? 0) > 0;
  const isExplicit = counted?.cacheKind === 'explicit';
  const resolution = other?.use.attributes?.resolution;
  if (!isThinking && !isExplicit && resolution === undefined) return null;
  return {
    ...(isThinking && { isThinking }),
    ...(isExplicit && { cacheKind: 'explicit' as const }),
    ...(resolution !== undefined && { resolution }),
  };
}
