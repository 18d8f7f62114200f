/** Holds one conversation and runs its calls: one at a time, each with its own stop. */
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { type Dispatch, useCallback, useEffect, useReducer, useRef } from 'react';
import { ApiError } from '#client/api-error.ts';
import type { ChatEvent } from '#client/chat.ts';
import { cloud } from '../cloud.ts';
import {
  type Conversation,
  type ConversationEvent,
  changeConversation,
  isRunning,
  messagesOf,
  restoreConversation,
} from './conversation.ts';
import { playgroundKeyQuery } from './queries.ts';

export type CallSettings = Readonly<{
  model: string;
  system: string;
  temperature: number;
  topP: number;
  maxTokens: number;
  thinking: boolean | undefined;
}>;

/** Tokens come faster than a screen can be drawn; they are shown in steps of one or two frames. */
const FLUSH_MS = 32;

export function useConversation(settings: CallSettings) {
  const queries = useQueryClient();
  const [turns, dispatch] = useReducer(changeConversation, queries, recallConversation);
  const running = useRef<AbortController | null>(null);
  const nextId = useRef((turns.at(-1)?.id ?? 0) + 1);
  useEffect(() => () => running.current?.abort(), []);
  useEffect(() => keepConversation(queries, turns), [queries, turns]);

  const ask = useCallback(
    async (before: Conversation, question: string): Promise<void> => {
      const stopping = new AbortController();
      running.current = stopping;
      dispatch({ kind: 'asked', id: nextId.current, question, atMs: performance.now() });
      nextId.current += 1;
      try {
        const { secret } = await queries.fetchQuery(playgroundKeyQuery);
        const { system, ...request } = settings;
        const events = cloud.chat.stream(
          { ...request, messages: messagesOf(system, before, question) },
          { signal: stopping.signal, apiKey: secret },
        );
        await follow(events, dispatch);
        dispatch({ kind: 'ended', state: 'finished', atMs: performance.now() });
      } catch (error) {
        if (stopping.signal.aborted) {
          dispatch({ kind: 'ended', state: 'stopped', atMs: performance.now() });
        } else {
          const requestId = error instanceof ApiError ? error.requestId : null;
          dispatch({ kind: 'broke', error, requestId, atMs: performance.now() });
        }
      }
    },
    [queries, settings],
  );

  const last = turns.at(-1);
  return {
    turns,
    isBusy: isRunning(last?.answer),
    send: (question: string) => void ask(turns, question),
    stop: () => running.current?.abort(),
    /** Takes the last turn back and returns its question, to be asked differently. */
    undo: (): string => {
      dispatch({ kind: 'undone' });
      return last?.question ?? '';
    },
    regenerate: () => {
      if (last === undefined) return;
      dispatch({ kind: 'undone' });
      void ask(turns.slice(0, -1), last.question);
    },
    clear: () => {
      running.current?.abort();
      dispatch({ kind: 'cleared' });
    },
  };
}

/** Kept beside the answers of the cloud: it ends with the session, and never reaches a disk. */
const CONVERSATION_KEY = ['playground-conversation'] as const;

function keepConversation(queries: QueryClient, turns: Conversation): void {
  queries.setQueryDefaults(CONVERSATION_KEY, { gcTime: Infinity });
  queries.setQueryData<Conversation>(CONVERSATION_KEY, turns);
}

function recallConversation(queries: QueryClient): Conversation {
  return restoreConversation(queries.getQueryData<Conversation>(CONVERSATION_KEY) ?? []);
}

/** Turns chat events into changes, gathering text between two drawings. */
async function follow(
  events: AsyncIterable<ChatEvent>,
  dispatch: Dispatch<ConversationEvent>,
): Promise<void> {
  let reasoning = '';
  let content = '';
  let pieces = 0;
  let flushedAtMs = 0;
  const flush = (): void => {
    if (pieces === 0) return;
    flushedAtMs = performance.now();
    dispatch({ kind: 'grew', reasoning, content, pieces, atMs: flushedAtMs });
    [reasoning, content, pieces] = ['', '', 0];
  };
  try {
    for await (const event of events) {
      if (event.kind === 'reasoning') reasoning += event.text;
      if (event.kind === 'content') content += event.text;
      if (event.kind === 'reasoning' || event.kind === 'content') {
        pieces += 1;
        if (performance.now() - flushedAtMs >= FLUSH_MS) flush();
      }
      if (event.kind === 'started') dispatch({ kind: 'started', requestId: event.requestId });
      if (event.kind === 'usage') dispatch({ kind: 'counted', usage: event.usage });
      if (event.kind === 'finished') dispatch({ kind: 'reasoned', finishReason: event.reason });
    }
  } finally {
    flush();
  }
}
