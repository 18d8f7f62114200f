/**
 * What Xet's clients show instead of a key: tokens that live for minutes and say what they are for, and
 * addresses that are good for some bytes of one xorb. Both are signed with a key of the cloud and nothing
 * is kept of them.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import { failXet } from './errors.ts';
import type { XetHash } from './hash.ts';
import type { Span } from './reconstruction.ts';

export type Access = 'read' | 'write';

/** Whom a token speaks for, and for which repository. The empty tenant is nobody's. */
export type Grant = Readonly<{ tenantId: string; repositoryId: string; access: Access }>;

export type Token = Readonly<{ token: string; expiresAtMs: number }>;

/** Clients ask for a new one by themselves; a grant that is taken back lives on for this long. */
const TOKEN_TTL_MS = 15 * 60_000;
/** An answer of up to 8 GB is fetched with its addresses; clients ask again when they get a 403. */
const URL_TTL_MS = 60 * 60_000;
/** So that an address stays below what servers and proxies take. */
export const URL_SPANS_MAX = 200;

export interface Signing {
  issue(grant: Grant): Token;
  /** Raises `xet.token_missing`, `xet.token_invalid`, `xet.token_scope`. */
  require(authorization: string | undefined, access: Access): Grant;
  /** The query of an address that gives these bytes of a xorb. */
  signSpans(xorb: XetHash, spans: readonly Span[]): string;
  /** The bytes that an address is good for. Raises `xet.url_invalid`. */
  readSpans(xorb: XetHash, query: Readonly<Record<string, string>>): readonly Span[];
}

export function createSigning(secret: string, clock: Clock): Signing {
  const sign = (text: string): Buffer =>
    createHmac('sha256', secret).update(`xet ${text}`).digest();
  const isSigned = (text: string, signature: string): boolean => {
    const given = Buffer.from(signature, 'base64url');
    const expected = sign(text);
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  return {
    issue: (grant) => {
      const expiresAtMs = clock.nowMs() + TOKEN_TTL_MS;
      const body = encode(grant, expiresAtMs);
      return { token: `${PREFIX}${body}.${sign(body).toString('base64url')}`, expiresAtMs };
    },
    require: (authorization, access) => {
      const token = /^Bearer (\S{1,2000})$/i.exec(authorization ?? '')?.[1];
      if (token === undefined)
        throw failXet('xet.token_missing', 'Send the token of a repository.');
      const [body = '', signature = ''] = token.slice(PREFIX.length).split('.');
      if (!token.startsWith(PREFIX) || !isSigned(body, signature)) throw invalidToken();
      const { expiresAtMs, ...grant } = decode(body);
      if (expiresAtMs <= clock.nowMs()) throw invalidToken();
      if (access === 'write' && grant.access !== 'write') {
        throw failXet('xet.token_scope', 'This token is for reading; ask for one to write with.');
      }
      return grant;
    },
    signSpans: (xorb, spans) => {
      const bytes = spans.map(({ start, end }) => `${start}-${end}`).join('.');
      const expires = String(Math.floor((clock.nowMs() + URL_TTL_MS) / 1000));
      const signature = sign(`${xorb} ${bytes} ${expires}`).toString('base64url');
      return new URLSearchParams({ bytes, expires, signature }).toString();
    },
    readSpans: (xorb, { bytes = '', expires = '', signature = '' }) => {
      const isGood = isSigned(`${xorb} ${bytes} ${expires}`, signature);
      if (!isGood || Number(expires) * 1000 <= clock.nowMs()) {
        throw failXet('xet.url_invalid', 'This address was not made here, or its time is over.');
      }
      return bytes.split('.').map((span) => {
        const [start, end] = span.split('-');
        return { start: Number(start), end: Number(end) };
      });
    },
  };
}

/** So that a token that went astray is known for what it is. */
const PREFIX = 'xet_';

function encode({ tenantId, repositoryId, access }: Grant, expiresAtMs: number): string {
  return Buffer.from([tenantId, repositoryId, access, expiresAtMs].join(' ')).toString('base64url');
}

function decode(body: string): Grant & Readonly<{ expiresAtMs: number }> {
  const [tenantId = '', repositoryId = '', access = '', expires = ''] = Buffer.from(
    body,
    'base64url',
  )
    .toString()
    .split(' ');
  return {
    tenantId,
    repositoryId,
    access: access === 'write' ? 'write' : 'read',
    expiresAtMs: Number(expires),
  };
}

function invalidToken(): Error {
  return failXet('xet.token_invalid', 'This token is not of this cloud, or its time is over.');
}
