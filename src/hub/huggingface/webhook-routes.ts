/** Webhooks that watch repositories: `/api/settings/webhooks`. Their secret is told to nobody again. */
import { z } from '@hono/zod-openapi';
import type { Context, Hono } from 'hono';
import { failCommunity } from '../community/errors.ts';
import type { Watch } from '../community/watches.ts';
import { failHub } from '../errors.ts';
import { param, readJson } from '../face/address.ts';
import type { Face } from '../face/parts.ts';

const watched = z
  .array(
    z.object({
      type: z.enum(['model', 'dataset', 'space', 'org', 'user']),
      name: z.string().min(1).max(200),
    }),
  )
  .max(100);
const domains = z.array(z.enum(['repo', 'discussion'])).max(2);
const url = z.string().min(1).max(2_000);
const secret = z.string().min(1).max(500);

const createSchema = z.object({
  url,
  watched,
  /** Older clients name none where they mean all. */
  domains: domains.nullish(),
  secret: secret.nullish(),
  /** Ours: an address of the operator's own network, for the operator. */
  allowsPrivate: z.boolean().default(false),
});
/** Older clients send null, and all send an empty list, where nothing of it is to change. */
const changeSchema = z.object({
  url: url.nullish(),
  watched: watched.nullish(),
  domains: domains.nullish(),
  secret: secret.nullish(),
});

const ALL_DOMAINS = ['repo', 'discussion'] as const;
const ALL = '/api/settings/webhooks';
const ONE = `${ALL}/:id{[0-9a-z_]{1,40}}`;

export function addWebhookRoutes(api: Hono, face: Face): void {
  const calling = async (context: Context) => {
    const isRead = context.req.method === 'GET';
    const { principal } = await (isRead ? face.viewerOf : face.writerOf)(context);
    const { watches } = face.hub;
    if (principal === null || watches === null) {
      throw failHub('hub.face_missing', 'Webhooks belong to an account: send a token.');
    }
    return { principal, watches, id: param(context, 'id') };
  };
  const find = async (context: Context): Promise<Watch> => {
    const { principal, watches, id } = await calling(context);
    const found = (await watches.list(principal)).find((watch) => watch.id === id);
    if (found === undefined) throw failCommunity('watch.unknown', `There is no webhook ${id}.`);
    return found;
  };
  const turn = async (context: Context, isActive: boolean) => {
    const { principal, watches, id } = await calling(context);
    return context.json({ webhook: entryOf(await watches.update(principal, id, { isActive })) });
  };
  api.get(ALL, async (context) => {
    const { principal, watches } = await calling(context);
    return context.json((await watches.list(principal)).map((watch) => entryOf(watch)));
  });
  api.post(ALL, async (context) => {
    const { principal, watches } = await calling(context);
    const asked = await readJson(context, createSchema);
    const secretOf = asked.secret ?? null;
    const wish = { ...asked, secret: secretOf, domains: asked.domains ?? ALL_DOMAINS };
    const made = await watches.create(principal, wish);
    return context.json({ webhook: { ...entryOf(made), secret: secretOf } });
  });
  api.get(ONE, async (context) => context.json({ webhook: entryOf(await find(context)) }));
  api.post(ONE, async (context) => {
    const { principal, watches, id } = await calling(context);
    const asked = await readJson(context, changeSchema);
    const change = {
      url: asked.url ?? undefined,
      secret: asked.secret ?? undefined,
      domains: asked.domains ?? undefined,
      watched: asked.watched?.length === 0 ? undefined : (asked.watched ?? undefined),
    };
    return context.json({ webhook: entryOf(await watches.update(principal, id, change)) });
  });
  api.delete(ONE, async (context) => {
    const { principal, watches, id } = await calling(context);
    await watches.remove(principal, id);
    return context.json({ success: true });
  });
  api.post(`${ONE}/enable`, (context) => turn(context, true));
  api.post(`${ONE}/disable`, (context) => turn(context, false));
}

function entryOf({ id, url: address, watched: names, domains: kinds, isActive }: Watch) {
  return {
    id,
    url: address,
    watched: names,
    domains: kinds,
    disabled: !isActive,
    secret: null,
    job: null,
  };
}
