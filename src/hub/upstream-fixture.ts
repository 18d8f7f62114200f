/** For tests: a real HTTP server that serves files with Range, and breaks when it is told to. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';

import { after } from 'node:test';
import { parseRange } from './range.ts';

export type UpstreamFile = {
  content: Uint8Array;
  /** Strong by default; null sends none. */
  etag?: string | null;
  headers?: Record<string, string>;
};

export type UpstreamRequest = Readonly<{
  path: string;
  range: string | null;
  authorization: string | null;
}>;

export type Upstream = Readonly<{
  url: string;
  files: Map<string, UpstreamFile>;
  /** JSON or full answers for exact paths with their query. */
  answers: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  requests: UpstreamRequest[];
  /** After so many bytes of body, and once `arrived` says so, the connection breaks; once per entry. */
  breaks: { after: number; arrived: () => Promise<unknown> }[];
  /** Bodies wait here before their last byte, until it settles. */
  hold: { until: Promise<void> | null };
}>;

export async function createUpstream(): Promise<Upstream> {
  const upstream: Omit<Upstream, 'url'> = {
    files: new Map(),
    answers: new Map(),
    requests: [],
    breaks: [],
    hold: { until: null },
  };
  const server = createServer((request, response) => void serve(upstream, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => close(server));

  const address = server.address();
  assert(address !== null && typeof address === 'object', 'a TCP server that listens has a port');
  return { ...upstream, url: `http://127.0.0.1:${address.port}` };
}

export function sendJson(value: unknown, headers: Record<string, string> = {}) {
  return (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(value));
  };
}

export function redirectTo(location: string, headers: Record<string, string> = {}) {
  return (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(302, { location, ...headers });
    response.end();
  };
}

async function serve(
  upstream: Omit<Upstream, 'url'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? '';
  const range = request.headers.range ?? null;
  upstream.requests.push({ path, range, authorization: request.headers.authorization ?? null });
  const answer = upstream.answers.get(path);
  if (answer !== undefined) return answer(request, response);
  const file = upstream.files.get(path);
  if (file === undefined) {
    response.writeHead(404);
    response.end();
    return;
  }
  await serveFile(upstream, file, { request, response });
}

async function serveFile(
  { breaks, hold }: Omit<Upstream, 'url'>,
  { content, etag: given, headers = {} }: UpstreamFile,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const etag = given === undefined ? `"${sha256(content).slice(0, 16)}"` : given;
  const ifRange = request.headers['if-range'];
  const isSame = ifRange === undefined || ifRange === etag;
  const range = isSame ? parseRange(request.headers.range, content.length) : null;
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` });
    response.end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: content.length };
  const body = content.subarray(start, end);
  response.writeHead(range === null ? 200 : 206, {
    'content-length': body.length,
    ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${content.length}` }),
    ...(etag === null ? {} : { etag }),
    ...headers,
  });
  const broken = breaks.shift();
  if (broken !== undefined) {
    // Bytes that wait in the client's buffer when a connection breaks are lost to it.
    response.write(body.subarray(0, broken.after));
    await broken.arrived();
    response.destroy();
    return;
  }
  if (hold.until !== null) {
    response.write(body.subarray(0, -1));
    await hold.until;
    response.end(body.subarray(-1));
    return;
  }
  response.end(body);
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
