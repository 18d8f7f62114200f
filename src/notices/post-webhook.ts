/**
 * One attempt at a webhook: a signed POST, bounded in time, redirects not followed (the signature
 * belongs to one address), the answer's body thrown away. Never rejects: what went wrong is a result.
 */
import { Agent, request } from 'undici';
import { FlywheelError, codeOf, messageOf } from '#platform/error.ts';
import { createGuardedLookup, isPrivateHost } from '#platform/public-address.ts';
import { fail } from './errors.ts';

export type Posted = Readonly<{ status: number | null; problem: string | null }>;

export type WebhookPoster = Readonly<{
  post: (
    target: Readonly<{ url: string; allowsPrivate: boolean }>,
    message: Readonly<{ headers: Readonly<Record<string, string>>; body: string }>,
  ) => Promise<Posted>;
  stop: () => Promise<void>;
}>;

/** A receiver should keep the message and answer; what takes longer belongs behind its answer. */
const TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 64 * 1024;

export function createWebhookPoster(timeoutMs = TIMEOUT_MS): WebhookPoster {
  const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  const open = new Agent({ ...timeouts, connect: { timeout: CONNECT_TIMEOUT_MS } });
  const guarded = new Agent({
    ...timeouts,
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: createGuardedLookup(denied) },
  });
  return {
    post: async ({ url, allowsPrivate }, { headers, body }) => {
      if (!allowsPrivate && isPrivateHost(new URL(url))) return failed('address_denied');
      try {
        const answer = await request(url, {
          method: 'POST',
          dispatcher: allowsPrivate ? open : guarded,
          headers: {
            ...headers,
            'content-type': 'application/json',
            'user-agent': 'flywheel-webhooks',
          },
          body,
          signal: AbortSignal.timeout(timeoutMs),
        });
        // How the answer ends does not matter: its status is what it says.
        await answer.body.dump({ limit: ANSWER_BYTES_MAX }).catch(() => null);
        const { statusCode: status } = answer;
        return { status, problem: status >= 200 && status < 300 ? null : 'refused' };
      } catch (error) {
        return failed(problemOf(error));
      }
    },
    stop: async () => {
      await Promise.all([open.destroy(), guarded.destroy()]);
    },
  };
}

function failed(problem: string): Posted {
  return { status: null, problem };
}

/** The text of a socket's error names addresses of the network; its code says enough. */
function problemOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  if (error instanceof FlywheelError || cause instanceof FlywheelError) return 'address_denied';
  const isLate = messageOf(error).includes('timeout');
  return codeOf(error) ?? (isLate ? 'timeout' : 'unreachable');
}

function denied(): FlywheelError {
  return fail('webhook.address_denied', 'The address is not on the public Internet.');
}
