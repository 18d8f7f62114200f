/**
 * What an external provider's error status means to a caller of ours. Pure. A provider knows this cloud
 * by its key and its bill, so most of what it refuses is about us: the caller hears which kind of trouble
 * it is and never the provider's own words, address or key. Only what is wrong with the request itself is
 * passed on, with those blanked.
 */
import { FlywheelError } from '#platform/error.ts';
import type { AttemptResult } from './attempt.ts';
import { failRequest } from './errors.ts';
import { parseRefusal } from './wire/openai/answer.ts';
import { withoutAddresses } from './wire/openai/error.ts';

/** What must never be repeated. */
export type ProviderWords = Readonly<{ host: string; apiKey: string }>;

/** Statuses that are about the request and not about us. */
const CALLER_STATUSES: readonly number[] = [400, 413, 415, 422];
/** 529 is what Anthropic's API says when it is overloaded. */
const OVERLOADED_STATUSES: readonly number[] = [503, 529];
/** Codes and types that providers give a limit that waiting does not lift. */
const CREDIT_CODES: readonly string[] = ['insufficient_quota', 'Arrearage', 'billing_error'];

/** Without a hint: limits per minute are the usual ones, a queue moves sooner. */
const RETRY_LIMITED_MS = 10_000;
const RETRY_OVERLOADED_MS = 2_000;
/** Longer is no hint but an outage. */
const RETRY_MAX_MS = 3_600_000;

export function providerRefusal(
  status: number,
  body: Buffer,
  retryAfter: string | null,
  words: ProviderWords,
): AttemptResult {
  const said = parseRefusal(body);
  const isUnpaid = status === 402 || CREDIT_CODES.includes(said?.code ?? '');
  if (isUnpaid) {
    const message = 'The external provider of this model refuses for lack of credit there.';
    return fault(failRequest('provider_out_of_credit', message));
  }
  if (status === 401 || status === 403) {
    const message = 'The external provider of this model refuses the key that was set up for it.';
    return fault(failRequest('provider_key_refused', message));
  }
  if (status === 429) {
    const message = 'The external provider of this model limits how often it is called.';
    return busy(failRequest('provider_rate_limited', message, wait(retryAfter, RETRY_LIMITED_MS)));
  }
  if (OVERLOADED_STATUSES.includes(status)) {
    const message = 'The external provider of this model is busy. Please try again.';
    return busy(
      failRequest('server_is_overloaded', message, wait(retryAfter, RETRY_OVERLOADED_MS)),
    );
  }
  if (CALLER_STATUSES.includes(status) && said !== null) {
    const { code, param } = said;
    const details = { status, ...(param === null ? {} : { param }) };
    const message = blanked(said.message, words);
    const error = new FlywheelError(plainCode(code), message, details);
    return { kind: 'failed', error, isRetryable: false, isReplicaFault: false };
  }
  if (status === 404) {
    const message = 'The external provider does not know this model, or has no such address.';
    return fault(failRequest('upstream_failed', message));
  }
  const message = `The external provider of this model failed with status ${status}.`;
  return fault(failRequest('upstream_failed', message));
}

/** Another replica may do better, and this one should rest. */
function fault(error: FlywheelError): AttemptResult {
  return { kind: 'failed', error, isRetryable: true, needsAnother: true, isReplicaFault: true };
}

/** It does its part, only not now. */
function busy(error: FlywheelError): AttemptResult {
  return { kind: 'failed', error, isRetryable: true, needsAnother: true, isReplicaFault: false };
}

/** Only the plain form; a date here would trust the clock of a stranger. */
function wait(retryAfter: string | null, leastMs: number): Readonly<{ retryAfterMs: number }> {
  const ms = Number(retryAfter) * 1000;
  const hintMs = Number.isFinite(ms) && ms > 0 ? ms : 0;
  return { retryAfterMs: Math.min(RETRY_MAX_MS, Math.max(leastMs, hintMs)) };
}

function blanked(message: string, { host, apiKey }: ProviderWords): string {
  return withoutAddresses(message.replaceAll(apiKey, '[key]').replaceAll(host, '[address]'));
}

/** A code is a word; anything else may be a sentence with a name in it. */
function plainCode(code: string | null): string {
  return code !== null && /^[A-Za-z][\w.-]{0,63}$/.test(code) ? code : 'upstream_refused';
}
