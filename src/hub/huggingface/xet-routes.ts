/**
 * The door from a repository to Xet's storage: a token for minutes, for who may read or write it. Sources:
 * huggingface_hub (utils/_xet.py), xet-core (hub_client). The Rust client reads the body, the Python one
 * the headers.
 */
import { type Context, Hono } from 'hono';
import { FlywheelError } from '#platform/error.ts';
import { casUrl } from '#xet/routes.ts';
import type { Access } from '#xet/signing.ts';
import type { Xet } from '#xet/xet.ts';
import { refusalOf } from '../wire/huggingface/refusal.ts';
import { REPOSITORY, idOf } from '../face/address.ts';
import type { HuggingFaceParts } from '../face/parts.ts';
import { requireFiles } from '../face/resolve.ts';
import { createReadViewer, createWriteViewer } from '../face/viewer.ts';

export function createXetTokenRoutes(
  parts: HuggingFaceParts & Readonly<{ xet: Pick<Xet, 'signing'> }>,
): Hono {
  const { hub, tenancy, clock, xet } = parts;
  const api = new Hono();
  const readerOf = createReadViewer(tenancy, clock);
  const writerOf = createWriteViewer(readerOf, tenancy);
  api.onError((error) => {
    if (!(error instanceof FlywheelError)) throw error;
    const { status, headers, body } = refusalOf(error);
    return Response.json(body, { status, headers });
  });
  const send = async (context: Context, access: Access): Promise<Response> => {
    const viewer = await (access === 'write' ? writerOf : readerOf)(context);
    const repository = await hub.repositories.require(viewer, idOf(context), access);
    requireFiles(repository);
    const { tenantId } = viewer;
    const grant = { tenantId, repositoryId: repository.row.id, access };
    const { token, expiresAtMs } = xet.signing.issue(grant);
    const exp = Math.floor(expiresAtMs / 1000);
    const url = casUrl(context);
    context.header('x-xet-cas-url', url);
    context.header('x-xet-access-token', token);
    context.header('x-xet-token-expiration', String(exp));
    context.header('cache-control', 'no-store');
    return context.json({ casUrl: url, accessToken: token, exp });
  };
  // Of a new pull request there is no revision yet: clients then write `None`. What counts is the repository.
  api.get(`${REPOSITORY}/xet-read-token/:revision{.+}`, (context) => send(context, 'read'));
  api.get(`${REPOSITORY}/xet-write-token/:revision{.+}`, (context) => send(context, 'write'));
  return api;
}
