/** Parsing of request bodies: one door from untrusted JSON to typed values, with OpenAI's errors. */
import type { z } from 'zod';

import { failRequest } from '../errors.ts';

/** Throws `invalid_value` that names the field. */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  const what = issue?.message ?? 'is not valid';
  if (path === '') throw failRequest('invalid_value', what);
  throw failRequest('invalid_value', `Invalid value for '${path}': ${what}`, { param: path });
}

/** Refuses a parameter that asks for something this engine does not do. */
export function refuse(param: string, reason: string): never {
  throw failRequest('unsupported_parameter', `'${param}' is not supported: ${reason}`, { param });
}
