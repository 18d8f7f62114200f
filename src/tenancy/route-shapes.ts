/** How routes of our own API are described, wherever they stand: what goes in, what comes out, how they refuse. */
import type { z } from '@hono/zod-openapi';
import { errorSchema } from './api.ts';

export const failure = {
  description: 'Refused; the body says why.',
  content: { 'application/json': { schema: errorSchema } },
};

export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

export const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
});
