/**
 * A request as this replica can take it. Which one answers is known only after the wait for it, so what an
 * engine or a provider lacks is made up for here: a completion is asked of it as a chat, a moderation as a
 * question to a guard model.
 */
import type { ServedReplica } from '../../feed-view.ts';
import type { Call } from '../wire.ts';
import { completionsAsChat } from './completions-as-chat.ts';
import { moderationsAsChat } from './moderations.ts';

/** Raises `invalid_value` where the other form has no place for something. */
export function suitedTo(
  { capabilities, provider }: Pick<ServedReplica, 'capabilities' | 'provider'>,
  call: Call,
): Call {
  const { request, encoder } = call;
  if (encoder !== null) return call;
  const dialect = provider?.dialect ?? 'openai';
  if (request.operation === 'completions') {
    const lacks = capabilities.includes('chat') && !capabilities.includes('completions');
    return dialect !== 'openai' || ((provider ?? null) === null && lacks)
      ? completionsAsChat(request)
      : call;
  }
  if (request.operation === 'moderations') {
    const moderates = capabilities.includes('moderations');
    const isOpenAi = provider !== undefined && provider !== null && dialect === 'openai';
    return moderates || isOpenAi ? call : moderationsAsChat(request);
  }
  return call;
}
