/**
 * The console's files, as the build left them. Names with a hash never change and are kept for ever;
 * the page itself is asked for each time. Any other path is the page too, because the console routes
 * in the browser. Texts are sent compressed to who takes it. Until the build is there a small page
 * says so and looks again.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import {
  type CompressedFiles,
  type SourceFile,
  chooseEncoding,
  createCompressedFiles,
} from './compressed-files.ts';

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

/** Pictures and fonts are compressed as they are. */
const TEXTS = new Set(['.html', '.js', '.css', '.json', '.svg', '.webmanifest']);

/** Scripts and styles of our own only; what a script sets on an element itself is no inline style. */
function securityHeaders(styleSource = "'self'"): Readonly<Record<string, string>> {
  return {
    'content-security-policy': [
      "default-src 'self'",
      // blob: pictures of a private repository, which a page fetches as its member.
      "img-src 'self' data: blob:",
      `style-src ${styleSource}`,
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  };
}

const FOR_EVER = 'public, max-age=31536000, immutable';

const BUILDING_STYLE =
  'body{font:16px system-ui;display:grid;place-items:center;min-height:90vh;margin:0}';
const BUILDING_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="color-scheme" content="light dark"><title>Flywheel</title><style>${BUILDING_STYLE}</style>
<body><p>The console is being built; this page opens it in a moment.</p></body></html>`;
const BUILDING_STYLE_HASH = createHash('sha256').update(BUILDING_STYLE).digest('base64');

export function createConsolePages(folder: string): Hono {
  const compressed = createCompressedFiles();
  const app = new Hono();
  app.on(['GET', 'HEAD'], '*', async (context, next) => {
    const { path } = context.req;
    // What is not there in the API is an error in the API's shape, not a page.
    if (/^\/(cloud|internal|v1|api)(\/|$)/.test(path)) return next();
    const file = await fileAt(folder, path);
    if (file !== null) {
      return send(context, file, compressed, path.startsWith('/assets/') ? FOR_EVER : 'no-cache');
    }
    // A dot alone says nothing: `/models/qwen/qwen3-0.6b` is a page.
    if (TYPES[extname(path)] !== undefined) return next();
    const page = await fileAt(folder, '/index.html');
    if (page !== null) return send(context, page, compressed, 'no-cache');
    return context.html(BUILDING_PAGE, 503, {
      ...securityHeaders(`'sha256-${BUILDING_STYLE_HASH}'`),
      'cache-control': 'no-store',
    });
  });
  return app;
}

/** Null for what is no file inside the folder, however the path is spelled. */
async function fileAt(folder: string, urlPath: string): Promise<SourceFile | null> {
  const path = normalize(join(folder, urlPath === '/' ? 'index.html' : decoded(urlPath)));
  if (!path.startsWith(folder + sep) || path.includes('\0')) return null;
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return null;
  return { path, sizeBytes: found.size, tag: `${found.size}-${Math.round(found.mtimeMs)}` };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}

async function send(
  context: Context,
  file: SourceFile,
  compressed: CompressedFiles,
  cacheControl: string,
): Promise<Response> {
  const kind = extname(file.path);
  const wanted = TEXTS.has(kind) ? chooseEncoding(context.req.header('accept-encoding')) : null;
  const small = wanted === null ? null : await compressed.read(file, wanted);
  const encoding = small === null ? null : wanted;
  // Each form is a body of its own and needs a tag of its own.
  const etag = encoding === null ? `"${file.tag}"` : `"${file.tag}-${encoding}"`;
  const headers: Record<string, string> = {
    ...securityHeaders(),
    'cache-control': cacheControl,
    etag,
    ...(TEXTS.has(kind) ? { vary: 'accept-encoding' } : {}),
  };
  if (isKnown(context.req.header('if-none-match'), etag)) return context.body(null, 304, headers);
  if (encoding !== null) headers['content-encoding'] = encoding;
  headers['content-type'] = TYPES[kind] ?? 'application/octet-stream';
  headers['content-length'] = String(small?.byteLength ?? file.sizeBytes);
  if (context.req.method === 'HEAD') return new Response(null, { headers });
  return new Response(small ?? streamOf(file.path), { headers });
}

/** A proxy on the way may have made the tag weak (RFC 9110 13.1.2). */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag);
}

function streamOf(path: string): ReadableStream {
  return Readable.toWeb(createReadStream(path)).pipeThrough(new TransformStream());
}
