/** `GET` and `DELETE /v1/responses/{id}`, and the items that went into it. */
import type { BodyMeter } from '../body-budget.ts';
import { failRequest } from '../errors.ts';
import type { Owner, ResponseMemory } from './kept-response.ts';

export type ResponsePage = Readonly<{
  method: 'GET' | 'DELETE';
  id: string;
  part: 'response' | 'input_items';
}>;

/** Raises `response_not_found` and `control_unavailable`. */
export async function responsePage(
  memory: ResponseMemory,
  owner: Owner,
  { method, id, part }: ResponsePage,
  room: BodyMeter,
): Promise<object> {
  if (method === 'DELETE') {
    if (!(await memory.forget(owner, id))) throw unknownResponse(id);
    return { id, object: 'response', deleted: true };
  }
  const kept = await memory.find(owner, id, room);
  if (kept === null) throw unknownResponse(id);
  if (part === 'response') return kept.response;
  // Newest first, as OpenAI lists them; in one page, because a request's items came in one body.
  const data = kept.input.toReversed().map((item, index) => withId(item, `item_${index}`));
  const [first, last] = [data.at(0)?.['id'] ?? null, data.at(-1)?.['id'] ?? null];
  return { object: 'list', data, first_id: first, last_id: last, has_more: false };
}

function withId(item: unknown, id: string): Record<string, unknown> {
  return typeof item === 'object' && item !== null ? { id, ...item } : { id };
}

function unknownResponse(id: string): Error {
  return failRequest('response_not_found', `Response with id ${JSON.stringify(id)} not found.`);
}
