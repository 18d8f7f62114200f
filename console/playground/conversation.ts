/** A conversation as values: turns of a question and an answer, and how events change them. Pure. */
import type { ChatMessage, ChatUsage } from '#client/chat.ts';

export type Answer = Readonly<{
  state: 'waiting' | 'streaming' | 'finished' | 'stopped' | 'failed';
  reasoning: string;
  content: string;
  requestId: string | null;
  startedAtMs: number;
  firstTokenAtMs: number | null;
  lastTokenAtMs: number | null;
  endedAtMs: number | null;
  /** Pieces that came; about one token each, until the engine says exactly. */
  pieces: number;
  usage: ChatUsage | null;
  /** Cut at the token limit, and such. */
  finishReason: string | null;
  error: unknown;
}>;

export type Turn = Readonly<{ id: number; question: string; answer: Answer }>;

export type Conversation = readonly Turn[];

export type ConversationEvent =
  | Readonly<{ kind: 'asked'; id: number; question: string; atMs: number }>
  | Readonly<{ kind: 'started'; requestId: string | null }>
  | Readonly<{ kind: 'grew'; reasoning: string; content: string; pieces: number; atMs: number }>
  | Readonly<{ kind: 'counted'; usage: ChatUsage }>
  | Readonly<{ kind: 'reasoned'; finishReason: string }>
  | Readonly<{ kind: 'ended'; state: 'finished' | 'stopped'; atMs: number }>
  | Readonly<{ kind: 'broke'; error: unknown; requestId: string | null; atMs: number }>
  | Readonly<{ kind: 'undone' }>
  | Readonly<{ kind: 'cleared' }>;

/** All events but the first, the undo and the clearing are about the last turn. */
export function changeConversation(turns: Conversation, event: ConversationEvent): Conversation {
  if (event.kind === 'asked') {
    const { id, question, atMs } = event;
    return [...turns, { id, question, answer: emptyAnswer(atMs) }];
  }
  if (event.kind === 'undone') return turns.slice(0, -1);
  if (event.kind === 'cleared') return [];
  return turns.map((turn, index) =>
    index === turns.length - 1 ? { ...turn, answer: changeAnswer(turn.answer, event) } : turn,
  );
}

type AnswerEvent = Exclude<ConversationEvent, { kind: 'asked' | 'undone' | 'cleared' }>;

function changeAnswer(answer: Answer, event: AnswerEvent): Answer {
  if (event.kind === 'started') return { ...answer, requestId: event.requestId };
  if (event.kind === 'grew') {
    return {
      ...answer,
      state: 'streaming',
      reasoning: answer.reasoning + event.reasoning,
      content: answer.content + event.content,
      pieces: answer.pieces + event.pieces,
      firstTokenAtMs: answer.firstTokenAtMs ?? event.atMs,
      lastTokenAtMs: event.atMs,
    };
  }
  if (event.kind === 'counted') return { ...answer, usage: event.usage };
  if (event.kind === 'reasoned') return { ...answer, finishReason: event.finishReason };
  if (event.kind === 'ended') return { ...answer, state: event.state, endedAtMs: event.atMs };
  return {
    ...answer,
    state: 'failed',
    error: event.error,
    requestId: answer.requestId ?? event.requestId,
    endedAtMs: event.atMs,
  };
}

function emptyAnswer(atMs: number): Answer {
  return {
    state: 'waiting',
    reasoning: '',
    content: '',
    requestId: null,
    startedAtMs: atMs,
    firstTokenAtMs: null,
    lastTokenAtMs: null,
    endedAtMs: null,
    pieces: 0,
    usage: null,
    finishReason: null,
    error: null,
  };
}

/** What is sent: the system prompt, then every turn that got an answer, then the question. */
export function messagesOf(
  system: string,
  turns: Conversation,
  question: string | null,
): readonly ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (system.trim() !== '') messages.push({ role: 'system', content: system });
  for (const { question: asked, answer } of turns) {
    if (answer.content === '') continue;
    messages.push({ role: 'user', content: asked }, { role: 'assistant', content: answer.content });
  }
  if (question !== null) messages.push({ role: 'user', content: question });
  return messages;
}

export type Speed = Readonly<{ firstTokenMs: number | null; tokensPerSecond: number | null }>;

/** Time to the first token, and tokens per second after it. */
export function speedOf(answer: Answer): Speed {
  const { firstTokenAtMs, lastTokenAtMs, startedAtMs } = answer;
  if (firstTokenAtMs === null || lastTokenAtMs === null)
    return { firstTokenMs: null, tokensPerSecond: null };
  const seconds = (lastTokenAtMs - firstTokenAtMs) / 1000;
  const tokens = generatedTokens(answer);
  return {
    firstTokenMs: firstTokenAtMs - startedAtMs,
    // The first token is where the clock starts; the others were made while it ran.
    tokensPerSecond: tokens > 1 && seconds > 0 ? (tokens - 1) / seconds : null,
  };
}

export function generatedTokens({ usage, pieces }: Answer): number {
  return usage === null ? pieces : usage.outputTokens + usage.reasoningTokens;
}

/** A conversation as it is found again after a visit to another page: what was running has been left. */
export function restoreConversation(turns: Conversation): Conversation {
  return turns.map((turn) =>
    isRunning(turn.answer)
      ? {
          ...turn,
          answer: { ...turn.answer, state: 'stopped', endedAtMs: turn.answer.lastTokenAtMs },
        }
      : turn,
  );
}

export function isRunning(answer: Answer | undefined): boolean {
  return answer?.state === 'waiting' || answer?.state === 'streaming';
}
