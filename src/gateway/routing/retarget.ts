/** A request aimed at another model than the one it names: what a route does to it. Pure. */
import type { ParsedRequest } from '../wire/openai/request.ts';

/** The same bytes where the name is the same already: a canary between deployments rewrites nothing. */
export function retarget(request: ParsedRequest, model: string): ParsedRequest {
  if (request.model === model) return request;
  // A form is not ours to rewrite; its engine serves one model and does not ask.
  if (request.contentType !== 'application/json') return { ...request, model };
  const fields = { ...request.fields, model };
  return { ...request, model, fields, bytes: Buffer.from(JSON.stringify(fields)) };
}
