/** Callers of the gateway: each streams one chat after another, some leave in the middle, none gives up. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from './random.ts';
import type { Wish } from './upstream.ts';

export type Load = Readonly<{
  /** Whole answers, by request id, with what was asked. */
  answered: ReadonlyMap<string, Wish>;
  /** How the requests that got no answer ended: a status, or `cut`. */
  failures: ReadonlyMap<string, number>;
  stop: () => Promise<void>;
}>;

export function startLoad(
  options: Readonly<{
    url: string;
    secret: string;
    model: string;
    callers: number;
    random: Random;
  }>,
): Load {
  const answered = new Map<string, Wish>();
  const failures = new Map<string, number>();
  const ending = new AbortController();
  const call = async (): Promise<void> => {
    const wish = { words: options.random.between(0, 40) };
    const leaving = options.random.next() < 0.2 ? options.random.between(5, 120) : null;
    const end = await ask(options, wish, leaving);
    if (end.kind === 'answered') answered.set(end.requestId, wish);
    if (end.kind !== 'failed') return;
    failures.set(end.how, (failures.get(end.how) ?? 0) + 1);
    // The gateway is being killed and started again; a caller in a loop would only burn the processor.
    await wait(100);
  };
  const callers = Array.from({ length: options.callers }, async () => {
    while (!ending.signal.aborted) await call();
  });
  return {
    answered,
    failures,
    stop: async () => {
      ending.abort();
      await Promise.all(callers);
    },
  };
}

type End =
  | Readonly<{ kind: 'answered'; requestId: string }>
  | Readonly<{ kind: 'left' }>
  | Readonly<{ kind: 'failed'; how: string }>;

async function ask(
  target: Readonly<{ url: string; secret: string; model: string }>,
  wish: Wish,
  leaveAfterMs: number | null,
): Promise<End> {
  const leaving = new AbortController();
  const timer = leaveAfterMs === null ? null : setTimeout(() => leaving.abort(), leaveAfterMs);
  try {
    const response = await fetch(`${target.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${target.secret}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        model: target.model,
        stream: true,
        max_tokens: 64,
        messages: [{ role: 'user', content: JSON.stringify(wish) }],
      }),
      signal: leaving.signal,
    });
    const text = await response.text();
    if (response.status !== 200) return { kind: 'failed', how: String(response.status) };
    const requestId = response.headers.get('x-request-id') ?? '';
    return text.includes('data: [DONE]')
      ? { kind: 'answered', requestId }
      : { kind: 'failed', how: 'cut' };
  } catch {
    return leaving.signal.aborted ? { kind: 'left' } : { kind: 'failed', how: 'cut' };
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}
