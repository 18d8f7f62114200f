/**
 * OpenAI's `/v1/responses`. A request may name the response it goes on from, or items of one; what was
 * kept is put before its own items and the engine gets one conversation. What `store` asks to keep is
 * kept before the caller hears of the end, so that the next turn finds it whichever gateway it meets.
 */
import { failRequest } from '../../errors.ts';
import type { KeptResponse } from '../../responses/kept-response.ts';
import { openAiDialect } from '../openai/dialect.ts';
import { type Fields, convertedRequest, parseObject } from '../openai/request.ts';
import { fieldOf } from '../field.ts';
import type { Call, CallInput, Endpoint } from '../wire.ts';
import {
  type ResponseSettings,
  chatFields,
  inputItems,
  responseSettings,
  toolboxOf,
} from './request.ts';
import { type ResponseContext, ResponseStream, type StreamHead } from './stream.ts';

type Turn = Readonly<{
  fields: Fields;
  /** Of this request alone, references resolved. */
  own: readonly unknown[];
  /** Of the responses before it. */
  before: readonly unknown[];
  previousId: string | null;
}>;

export const responsesEndpoint: Endpoint = {
  dialect: openAiDialect,
  read: (input) => {
    const fields = parseObject(input.bytes);
    const own = inputItems(fields['input']);
    const previousId = previousOf(fields);
    if (previousId === null && !own.some(isReference)) {
      return callOf(input, { fields, own, before: [], previousId });
    }
    return remember(input, own, previousId).then((items) =>
      callOf(input, { fields, previousId, ...items }),
    );
  },
};

function callOf(input: CallInput, { fields, own, before, previousId }: Turn): Call {
  const { requestId, caller, responses, nowMs } = input;
  const toolbox = toolboxOf(fields);
  const items = [...before, ...own];
  const request = convertedRequest('chat', chatFields(fields, items, toolbox));
  const suffix = requestId.replace(/^req_/, '');
  const settings = responseSettings(fields, toolbox, input.headers);
  requireWritable(settings);
  const keep = settings.store
    ? (response: KeptResponse['response']) =>
        responses.keep(caller, { id: `resp_${suffix}`, previousId, input: own, response })
    : null;
  const context: ResponseContext = {
    suffix,
    model: request.model,
    createdAt: Math.floor(nowMs / 1000),
    settings,
    toolbox,
    keep,
  };
  const head: StreamHead = { isStarted: false, sequence: 0 };
  return {
    request,
    encoder: {
      whole: (answer) => new ResponseStream(context, head).whole(answer),
      stream: () => new ResponseStream(context, head),
    },
  };
}

/** Answers repeat the settings: what can be parsed and not written again must not fail in the middle. */
function requireWritable(settings: ResponseSettings): void {
  try {
    JSON.stringify(settings);
  } catch {
    throw failRequest('invalid_json', 'The body is nested too deeply.');
  }
}

function previousOf(fields: Fields): string | null {
  const previous = fields['previous_response_id'];
  if (previous === undefined || previous === null) return null;
  if (typeof previous === 'string' && previous !== '') return previous;
  throw failRequest('invalid_value', 'previous_response_id should be the id of a response.', {
    param: 'previous_response_id',
  });
}

async function remember(
  { caller, responses, room }: CallInput,
  given: readonly unknown[],
  previousId: string | null,
): Promise<Pick<Turn, 'own' | 'before'>> {
  const before = previousId === null ? [] : await responses.conversation(caller, previousId, room);
  if (before === null) {
    throw failRequest(
      'previous_response_not_found',
      `Previous response with id ${JSON.stringify(previousId)} not found.`,
      { param: 'previous_response_id' },
    );
  }
  const known = new Map<string, KeptResponse | null>();
  const own: unknown[] = [];
  for (const item of given) {
    own.push(isReference(item) ? await referred(item) : item);
    if (known.size > REFERRED_MAX) throw tooMany();
  }
  return { own, before: before.flatMap((kept) => [...kept.input, ...outputOf(kept)]) };

  async function referred(item: unknown): Promise<unknown> {
    const id = fieldOf(item, 'id');
    const responseId = typeof id === 'string' ? responseOf(id) : '';
    if (!known.has(responseId)) {
      known.set(responseId, await responses.find(caller, responseId, room));
    }
    const kept = known.get(responseId) ?? null;
    const found = kept === null ? [] : outputOf(kept).filter((each) => fieldOf(each, 'id') === id);
    if (found[0] !== undefined) return found[0];
    const message = `Item with id ${JSON.stringify(id)} not found.`;
    throw failRequest('invalid_value', message, { param: 'input' });
  }
}

/** Each is a question to control; conversations of more turns go on from the last response. */
const REFERRED_MAX = 100;

function tooMany(): Error {
  const message = `A request may refer to items of ${REFERRED_MAX} responses; use previous_response_id.`;
  return failRequest('invalid_value', message, { param: 'input' });
}

function outputOf(kept: KeptResponse): readonly unknown[] {
  const output = kept.response['output'];
  return Array.isArray(output) ? output : [];
}

function isReference(item: unknown): boolean {
  return fieldOf(item, 'type') === 'item_reference';
}

/** Items carry the id of their response between their kind and their number. */
function responseOf(itemId: string): string {
  return `resp_${/^[a-z]+_(.+)_\d+$/.exec(itemId)?.[1] ?? ''}`;
}
