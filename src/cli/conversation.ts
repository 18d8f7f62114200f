/** A conversation on a terminal. Ctrl-C ends the answer, at the prompt the conversation. */
import { createInterface } from 'node:readline/promises';
import type { ChatMessage, ChatRequest } from '#client/chat.ts';
import type { Client } from '#client/client.ts';
import { answer, findCost, renderStats } from './answer.ts';
import type { Context } from './command.ts';
import { EXIT } from './exit-code.ts';
import { printFailure } from './failure.ts';
import { oneLine } from './text.ts';

export type ConversationOptions = Readonly<{
  client: Client;
  context: Context;
  settings: Omit<ChatRequest, 'messages'>;
  system: readonly ChatMessage[];
  isQuiet: boolean;
}>;

const HELP =
  '/new starts over, /model NAME changes the model, /exit or Ctrl-D ends. Ctrl-C stops an answer.';

export async function converse(options: ConversationOptions): Promise<number> {
  const { terminal } = options.context;
  const { notes } = terminal;
  const lines = createInterface({ input: terminal.input, output: terminal.prompt });
  const ended = new AbortController();
  lines.on('close', () => ended.abort());
  let model = options.settings.model;
  let messages = options.system;
  notes.line(notes.style('dim', `${oneLine(model)} · ${HELP}`));
  try {
    for (;;) {
      const said = await ask(lines, ended.signal);
      if (said === null || said === '/exit') return EXIT.ok;
      if (said === '/new') messages = options.system;
      else if (said === '/help') notes.line(HELP);
      else if (said.startsWith('/model ')) model = said.slice('/model '.length).trim();
      else if (said !== '') messages = await turn(options, { model, messages, said, lines });
    }
  } finally {
    lines.close();
  }
}

type Lines = ReturnType<typeof createInterface>;

/** Null when the person ended it. */
async function ask(lines: Lines, signal: AbortSignal): Promise<string | null> {
  try {
    return (await lines.question('\n› ', { signal })).trim();
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

/** Asks, shows, and returns the messages so far; a turn that failed leaves no trace in them. */
async function turn(
  { client, context, settings, isQuiet }: ConversationOptions,
  state: Readonly<{ model: string; messages: readonly ChatMessage[]; said: string; lines: Lines }>,
): Promise<readonly ChatMessage[]> {
  const { terminal } = context;
  const messages: readonly ChatMessage[] = [
    ...state.messages,
    { role: 'user', content: state.said },
  ];
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort(new Error('stopped'));
  state.lines.on('SIGINT', onInterrupt);
  const { signal } = stop;
  try {
    const request = { ...settings, model: state.model, messages };
    const given = await answer({ client, request, signal, terminal, isQuiet, isSilent: false });
    if (!isQuiet) {
      const cost = await findCost(client, given.requestId, signal);
      terminal.notes.line(terminal.notes.style('dim', renderStats(given, cost)));
    }
    return [...messages, { role: 'assistant', content: given.content }];
  } catch (error) {
    if (signal.aborted) terminal.notes.line(terminal.notes.style('dim', 'stopped'));
    else printFailure(error, terminal, false);
    return state.messages;
  } finally {
    state.lines.off('SIGINT', onInterrupt);
  }
}
