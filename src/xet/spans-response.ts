/**
 * Bytes of a xorb to who holds an address for them: one range, or several as `multipart/byteranges` (RFC
 * 9110, section 14.6). The ranges asked for must be among those that the address was signed for.
 */
import type { Context } from 'hono';
import type { Bytes } from '#platform/objects.ts';
import { failXet } from './errors.ts';
import type { XetHash } from './hash.ts';
import type { Span } from './reconstruction.ts';
import type { Xet } from './xet.ts';

const BOUNDARY = 'flywheel-xorb-spans';

/** Raises `xet.url_invalid`. */
export async function sendSpans(
  context: Context,
  xet: Pick<Xet, 'openXorb'>,
  xorb: XetHash,
  signed: readonly Span[],
): Promise<Response> {
  const asked = parseSpans(context.req.header('range'));
  const isSigned = asked.every((span) =>
    signed.some(({ start, end }) => span.start >= start && span.end <= end),
  );
  const [first] = asked;
  if (first === undefined || !isSigned) {
    throw failXet('xet.url_invalid', 'This address is for other bytes; send its range.');
  }
  if (asked.length === 1) return single(await xet.openXorb(xorb, first), first);
  const body = parts(xet, xorb, asked);
  return new Response(ReadableStream.from(body), {
    status: 206,
    headers: { 'content-type': `multipart/byteranges; boundary=${BOUNDARY}` },
  });
}

function single(bytes: Bytes, span: Span): Response {
  return new Response(ReadableStream.from(bytes), {
    status: 206,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(span.end - span.start),
      'content-range': contentRange(span),
    },
  });
}

async function* parts(xet: Pick<Xet, 'openXorb'>, xorb: XetHash, spans: readonly Span[]): Bytes {
  for (const span of spans) {
    const type = 'Content-Type: application/octet-stream';
    yield Buffer.from(`--${BOUNDARY}\r\n${type}\r\nContent-Range: ${contentRange(span)}\r\n\r\n`);
    yield* await xet.openXorb(xorb, span);
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${BOUNDARY}--\r\n`);
}

function contentRange({ start, end }: Span): string {
  return `bytes ${start}-${end - 1}/*`;
}

function parseSpans(header: string | undefined): readonly Span[] {
  const list = /^bytes=(\d{1,12}-\d{1,12}(?:,\s*\d{1,12}-\d{1,12})*)$/.exec(header ?? '')?.[1];
  const spans = (list ?? '').split(',').map((span) => {
    const [start = '', last = ''] = span.trim().split('-');
    return { start: Number(start), end: Number(last) + 1 };
  });
  return list === undefined || spans.some(({ start, end }) => start >= end) ? [] : spans;
}
