/**
 * The console's files, as the build left them. Names with a hash never change and are kept for ever;
 * the page itself is asked for each time. Any other path is the page too, because the console routes
 * in the browser. Until the build is there a small page says so and looks again.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

/** Scripts of our own only; charts and components set styles on elements, hence inline styles. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'self'",
    "img-src 'self' data:",
    "style-src 'self' 'unsafe-inline'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
};

const FOR_EVER = 'public, max-age=31536000, immutable';

const BUILDING_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="color-scheme" content="light dark"><title>Flywheel</title>
<body style="font:16px system-ui;display:grid;place-items:center;min-height:90vh">
<p>The console is being built; this page opens it in a moment.</p></body></html>`;

export function createConsolePages(folder: string): Hono {
  const app = new Hono();
  app.on(['GET', 'HEAD'], '*', async (context, next) => {
    const { path } = context.req;
    // What is not there in the API is an error in the API's shape, not a page.
    if (/^\/(cloud|internal|v1|api)(\/|$)/.test(path)) return next();
    const file = await fileAt(folder, path);
    if (file !== null)
      return send(context, file, path.startsWith('/assets/') ? FOR_EVER : 'no-cache');
    // A dot alone says nothing: `/models/qwen/qwen3-0.6b` is a page.
    if (TYPES[extname(path)] !== undefined) return next();
    const page = await fileAt(folder, '/index.html');
    if (page !== null) return send(context, page, 'no-cache');
    return context.html(BUILDING_PAGE, 503, { ...SECURITY_HEADERS, 'cache-control': 'no-store' });
  });
  return app;
}

type FoundFile = Readonly<{ path: string; sizeBytes: number; tag: string }>;

/** Null for what is no file inside the folder, however the path is spelled. */
async function fileAt(folder: string, urlPath: string): Promise<FoundFile | null> {
  const path = normalize(join(folder, urlPath === '/' ? 'index.html' : decoded(urlPath)));
  if (!path.startsWith(folder + sep) || path.includes('\0')) return null;
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return null;
  return { path, sizeBytes: found.size, tag: `"${found.size}-${Math.round(found.mtimeMs)}"` };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}

function send(context: Context, file: FoundFile, cacheControl: string): Response {
  const headers = { ...SECURITY_HEADERS, 'cache-control': cacheControl, etag: file.tag };
  if (context.req.header('if-none-match') === file.tag) return context.body(null, 304, headers);
  const body =
    context.req.method === 'HEAD'
      ? null
      : Readable.toWeb(createReadStream(file.path)).pipeThrough(new TransformStream());
  return new Response(body, {
    headers: {
      ...headers,
      'content-type': TYPES[extname(file.path)] ?? 'application/octet-stream',
      'content-length': String(file.sizeBytes),
    },
  });
}
