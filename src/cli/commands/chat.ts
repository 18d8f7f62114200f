/** `chat`: one answer, or a conversation. */
import { text as readText } from 'node:stream/consumers';
import type { ChatMessage } from '#client/chat.ts';
import type { Client } from '#client/client.ts';
import { answer, findCost, renderStats } from '../answer.ts';
import { type Context, defineCommand } from '../command.ts';
import { converse } from '../conversation.ts';
import { printJson } from '../result.ts';
import { UsageError } from '../usage-error.ts';

/** More than any model's context; keeps a wrong pipe from filling the memory. */
const PROMPT_LENGTH_MAX = 16 * 1024 * 1024;

const chat = defineCommand({
  words: ['chat'],
  summary: 'Talk to a model: a conversation, or one answer to a prompt.',
  details:
    'Without a prompt on a terminal it is a conversation; without a terminal the prompt is read ' +
    'from standard input, as with the prompt "-". The answer goes to standard output; reasoning and ' +
    'numbers (tokens, speed, cost) go to standard error.',
  arguments: [{ name: 'prompt', kind: 'rest', summary: 'What to ask.' }],
  options: {
    model: { type: 'list', short: 'm', value: 'NAME', summary: 'The model; the first there is.' },
    system: { type: 'string', value: 'TEXT', summary: 'How it should behave.' },
    temperature: { type: 'number', value: 'N', summary: 'How free; 0 always takes the likeliest.' },
    'max-tokens': { type: 'number', value: 'N', summary: 'Longest answer.' },
    seed: { type: 'number', value: 'N', summary: 'The same seed gives the same answer.' },
    quiet: { type: 'boolean', short: 'q', summary: 'Neither reasoning nor numbers.' },
  },
  examples: [
    'flywheel chat',
    'flywheel chat "Why is the sky blue?" --model me/qwen3-4b',
    'git diff | flywheel chat --json',
  ],
  run: async ({ arguments: { prompt: words }, options }, context) => {
    const client = await context.connect();
    const settings = {
      model: options.model.at(-1) ?? (await firstModel(client)),
      temperature: options.temperature,
      maxTokens: options['max-tokens'],
      seed: options.seed,
    };
    const system: readonly ChatMessage[] =
      options.system === undefined ? [] : [{ role: 'system', content: options.system }];
    const isQuiet = options.quiet || context.isJson;
    const prompt = await readPrompt(words, context);
    if (prompt === null) return converse({ client, context, settings, system, isQuiet });
    const request = {
      ...settings,
      messages: [...system, { role: 'user', content: prompt }],
    } as const;
    const signal = context.interrupted();
    const given = await answer({
      client,
      request,
      signal,
      terminal: context.terminal,
      isQuiet,
      isSilent: context.isJson,
    });
    const cost =
      isQuiet && !context.isJson ? null : await findCost(client, given.requestId, signal);
    if (context.isJson) return printJson(context, { model: settings.model, ...given, ...cost });
    const { notes } = context.terminal;
    if (!isQuiet) notes.line(notes.style('dim', renderStats(given, cost)));
    return undefined;
  },
});

/** Null when it should be a conversation. */
async function readPrompt(words: readonly string[], { terminal }: Context): Promise<string | null> {
  const typed = words.join(' ');
  if (typed !== '' && typed !== '-') return typed;
  if (typed === '' && terminal.input.isTTY === true) return null;
  const prompt = await readText(terminal.input);
  if (prompt.length > PROMPT_LENGTH_MAX) throw new UsageError('The prompt is too long.');
  if (prompt.trim() === '') throw new UsageError('The prompt is empty.');
  return prompt;
}

async function firstModel(client: Client): Promise<string> {
  const [first] = await client.chat.models();
  if (first !== undefined) return first;
  throw new UsageError(
    'No model is served here.',
    'Import one with `flywheel model import`, then serve it with `flywheel deployment create`.',
  );
}

export const chatCommands = [chat];
