/**
 * The hub as ModelScope's clients know it, over the same repositories as Hugging Face's:
 * `MODELSCOPE_ENDPOINT=http://this.cloud`. Sources: modelscope_hub 0.5 (_legacy_api.py, _openapi.py, _upload.py),
 * modelscope 1.x (hub/api.py).
 */
import { type Context, Hono } from 'hono';
import { FlywheelError } from '#platform/error.ts';
import { failHub } from '../errors.ts';
import { refusalOf } from './envelope.ts';
import { type ModelScopeParts, createFace } from './parts.ts';
import { addReadRoutes } from './read-routes.ts';
import { addWriteRoutes } from './write-routes.ts';

export function createModelScopeRoutes(parts: ModelScopeParts): Hono {
  const api = new Hono();
  const face = createFace(parts);
  api.onError((error, context) => refuse(error, context));
  addReadRoutes(api, face);
  addWriteRoutes(api, face);
  for (const address of ['/api/v1/*', '/openapi/v1/*']) {
    api.all(address, (context) => {
      const { method, path } = context.req;
      throw failHub('hub.face_missing', `This hub does not answer ${method} ${path}.`);
    });
  }
  return api;
}

function refuse(error: Error, context: Context): Response {
  if (!(error instanceof FlywheelError)) throw error;
  const { status, headers, body } = refusalOf(error, context.req.path.startsWith('/openapi/'));
  return Response.json(body, { status, headers });
}
