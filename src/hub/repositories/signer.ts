/**
 * Words that we hand out and take back, signed so that nobody makes one up: addresses for uploads. Each
 * says what it is for and until when. HMAC-SHA-256 with a key that lies in the database, made at first use.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Database, sql } from '#platform/database.ts';
import type { Clock } from '#platform/clock.ts';

export type Signer = Readonly<{
  sign: (fields: readonly string[], ttlMs: number) => Promise<string>;
  /** The fields; null when it was forged, was made for something else, or has expired. */
  open: (token: string) => Promise<readonly string[] | null>;
}>;

const KEY_BYTES = 32;
/** Longer ones are none of ours. */
const TOKEN_LENGTH_MAX = 1024;

/** `purpose` is part of what is signed: a word for one thing opens no other. */
export function createSigner(database: Database, clock: Clock, purpose: string): Signer {
  let key: Promise<Buffer> | null = null;
  const keyOf = (): Promise<Buffer> => {
    key ??= readKey(database).catch((error: unknown) => {
      key = null;
      throw error;
    });
    return key;
  };
  const macOf = async (body: string): Promise<string> =>
    createHmac('sha256', await keyOf())
      .update(`${purpose}\0${body}`)
      .digest('base64url');
  return {
    sign: async (fields, ttlMs) => {
      const expiry = String(Math.ceil((clock.nowMs() + ttlMs) / 1000));
      const body = Buffer.from(JSON.stringify([expiry, ...fields])).toString('base64url');
      return `${body}.${await macOf(body)}`;
    },
    open: async (token) => {
      const [body = '', mac = '', ...rest] = token.slice(0, TOKEN_LENGTH_MAX).split('.');
      const expected = Buffer.from(await macOf(body));
      const given = Buffer.from(mac);
      if (rest.length > 0 || given.length !== expected.length) return null;
      if (!timingSafeEqual(given, expected)) return null;
      // We signed it, so it is what `sign` wrote.
      const [expiry = '0', ...fields]: string[] = JSON.parse(
        Buffer.from(body, 'base64url').toString('utf8'),
      );
      return Number(expiry) * 1000 > clock.nowMs() ? fields : null;
    },
  };
}

async function readKey(database: Database): Promise<Buffer> {
  await sql`
    insert into hub_secrets (name, secret) values ('signing', ${randomBytes(KEY_BYTES)})
    on conflict (name) do nothing`.execute(database);
  const { rows } = await sql<{ secret: Buffer }>`
    select secret from hub_secrets where name = 'signing'`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error('the signing key is gone');
  return row.secret;
}
