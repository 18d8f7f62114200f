/** What a caller is told that a limit holds back: which limit, whose, and when to come back. */
import type { FlywheelError } from '#platform/error.ts';
import { failRequest } from '../errors.ts';
import type { Draw } from './draw.ts';
import type { Meter } from './meter.ts';
import { ownerOf } from './policy.ts';

export function limited(meter: Meter, draw: Draw, nowMs: number): FlywheelError {
  const { metric, level } = meter.address;
  const retryAfterMs = Math.ceil(meter.untilFitsMs(draw, nowMs));
  const limit = `${ownerOf(level)} has ${meter.describe()}`;
  if (metric === 'daily_budget' || metric === 'monthly_budget') {
    return failRequest(
      'insufficient_quota',
      `The budget is used up: ${limit}. It begins anew in ${inWords(retryAfterMs)}; a smaller max_tokens needs less.`,
      { retryAfterMs },
    );
  }
  if (metric === 'requests_per_second') {
    return failRequest('slow_down', `Too many requests at once: ${limit}.`, { retryAfterMs });
  }
  if (metric === 'tokens_per_minute') {
    return failRequest(
      'tokens_rate_limit_exceeded',
      `Too many tokens: ${limit}, and this request may take ${draw.tokens}.`,
      { retryAfterMs },
    );
  }
  return failRequest('rate_limit_exceeded', `Too many requests: ${limit}.`, { retryAfterMs });
}

function inWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.ceil(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.ceil(hours / 24)} d`;
}
