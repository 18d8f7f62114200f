/** Gated repositories: who asks for their files, and what their owners say. */
import { z } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { REPOSITORY, param, readJson } from '../face/address.ts';
import { type Face, changeable, seen } from '../face/parts.ts';

const STATES = ['pending', 'accepted', 'rejected'] as const;
const who = { user: z.string().max(200).nullish(), userId: z.string().max(200).nullish() };
const handleSchema = z.object({
  ...who,
  requestId: z.string().max(200).nullish(),
  status: z.enum(STATES),
});
const grantSchema = z.object(who);

export function addAccessRoutes(api: Hono, face: Face): void {
  const { gates } = face.hub;
  api.post(`${REPOSITORY}/ask-access`, async (context) => {
    const viewer = await face.writerOf(context);
    const { repository } = await seen(face, context);
    return context.json({ status: await gates.ask(viewer, repository) });
  });
  api.get(
    `${REPOSITORY}/user-access-request/:state{(?:pending|accepted|rejected)}`,
    async (context) => {
      const { repository } = await changeable(face, context, 'admin');
      const state = STATES.find((known) => known === param(context, 'state')) ?? 'pending';
      const requests = await gates.list(repository, state);
      return context.json(
        requests.map((request) => ({
          requestId: request.tenantId,
          status: request.state,
          timestamp: request.askedAt.toISOString(),
          user: { user: request.name, fullname: request.name },
          fields: {},
        })),
      );
    },
  );
  api.post(`${REPOSITORY}/user-access-request/handle`, async (context) => {
    const { repository } = await changeable(face, context, 'admin');
    const asked = await readJson(context, handleSchema);
    const name = asked.user ?? asked.userId ?? asked.requestId ?? '';
    await gates.decide(repository, name, asked.status);
    return context.json({});
  });
  api.post(`${REPOSITORY}/user-access-request/grant`, async (context) => {
    const { repository } = await changeable(face, context, 'admin');
    const asked = await readJson(context, grantSchema);
    await gates.admit(repository, asked.user ?? asked.userId ?? '');
    return context.json({});
  });
}
