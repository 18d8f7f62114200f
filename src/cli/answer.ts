/** One answer: streamed to the terminal as it comes, then its numbers and what it cost. */
import { ApiError } from '#client/api-error.ts';
import type { ChatRequest, ChatUsage } from '#client/chat.ts';
import type { Client } from '#client/client.ts';
import { formatAmount, formatCount } from './format.ts';
import { pause } from '#client/pause.ts';
import type { Terminal } from './terminal.ts';
import { printable } from './text.ts';

export type Answer = Readonly<{
  requestId: string | null;
  content: string;
  reasoning: string;
  finishReason: string | null;
  usage: ChatUsage | null;
  firstTokenMs: number | null;
  durationMs: number;
  tokensPerSecond: number | null;
}>;

export type Cost = Readonly<{ amount: string; currency: string }>;

export type AnswerOptions = Readonly<{
  client: Client;
  request: ChatRequest;
  signal: AbortSignal;
  terminal: Terminal;
  /** Leaves the reasoning out. */
  isQuiet: boolean;
  /** Prints nothing at all. */
  isSilent: boolean;
}>;

/** Usage is shipped within a second; longer means control is away, and the person need not wait. */
const COST_WAIT_MS = 4000;
const COST_POLL_MS = 150;

export async function answer(options: AnswerOptions): Promise<Answer> {
  const { client, request, signal, terminal } = options;
  const show = createDisplay(options);
  const startedMs = performance.now();
  let [requestId, finishReason]: [string | null, string | null] = [null, null];
  let usage: ChatUsage | null = null;
  let firstMs: number | null = null;
  let [content, reasoning] = ['', ''];
  try {
    for await (const event of client.chat.stream(request, { signal })) {
      if (event.kind === 'started') requestId = event.requestId;
      else if (event.kind === 'finished') finishReason = event.reason;
      else if (event.kind === 'usage') usage = event.usage;
      else if (event.kind === 'tool-call') continue;
      else {
        firstMs ??= performance.now();
        if (event.kind === 'reasoning') reasoning += event.text;
        else content += event.text;
        show(event.kind, event.text);
      }
    }
  } finally {
    if (!options.isSilent && content !== '') terminal.out.write('\n');
  }
  const endedMs = performance.now();
  const tokens = usage === null ? null : usage.outputTokens + usage.reasoningTokens;
  const streamedMs = firstMs === null ? 0 : endedMs - firstMs;
  return {
    requestId,
    content,
    reasoning,
    finishReason,
    usage,
    firstTokenMs: firstMs === null ? null : Math.round(firstMs - startedMs),
    durationMs: Math.round(endedMs - startedMs),
    // The first token marks the start of the measured time, so it is not counted in it.
    tokensPerSecond:
      tokens === null || tokens < 2 || streamedMs <= 0
        ? null
        : Math.round(((tokens - 1) / streamedMs) * 10_000) / 10,
  };
}

/** Reasoning dimmed on standard error, the answer on standard output, a line break between them. */
function createDisplay({ terminal, isQuiet, isSilent }: AnswerOptions) {
  let last: 'reasoning' | 'content' | null = null;
  return (kind: 'reasoning' | 'content', text: string): void => {
    if (isSilent || (isQuiet && kind === 'reasoning')) return;
    const { out, notes } = terminal;
    if (last === 'reasoning' && kind === 'content') notes.write('\n\n');
    last = kind;
    if (kind === 'content') out.write(out.isTerminal ? printable(text) : text);
    else notes.write(notes.style('dim', printable(text)));
  };
}

/** Null when the call is not posted in time. */
export async function findCost(
  client: Client,
  requestId: string | null,
  signal: AbortSignal,
): Promise<Cost | null> {
  if (requestId === null) return null;
  const untilMs = performance.now() + COST_WAIT_MS;
  while (performance.now() < untilMs) {
    try {
      const { amount, currency } = await client.usage.event(requestId, { signal });
      return { amount, currency };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 404) return null;
    }
    await pause(COST_POLL_MS, signal);
  }
  return null;
}

/** `128 tokens in, 42 out · 18.3 tokens/s · first token 0.41 s · 0.000123 CNY` */
export function renderStats(given: Answer, cost: Cost | null): string {
  const { usage, tokensPerSecond, firstTokenMs } = given;
  const parts: string[] = [];
  if (usage !== null) {
    const input = formatCount(usage.inputTokens + usage.cacheReadTokens);
    const cached =
      usage.cacheReadTokens === 0 ? '' : ` (${formatCount(usage.cacheReadTokens)} cached)`;
    const output = formatCount(usage.outputTokens + usage.reasoningTokens);
    parts.push(`${input} tokens in${cached}, ${output} out`);
  }
  if (tokensPerSecond !== null) parts.push(`${tokensPerSecond.toFixed(1)} tokens/s`);
  if (firstTokenMs !== null) parts.push(`first token ${(firstTokenMs / 1000).toFixed(2)} s`);
  parts.push(
    cost === null ? 'cost not known yet' : `${formatAmount(cost.amount)} ${cost.currency}`,
  );
  return parts.join(' · ');
}
