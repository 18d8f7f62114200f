/**
 * Lets several connections share an embedded database. PGlite is one PostgreSQL session, and its
 * socket server takes turns between connections message by message: one connection's Parse can fall
 * between another's Parse and Bind, which then binds the wrong statement. This makes it take turns
 * exchange by exchange: a connection keeps its turn until its Sync, which is where PostgreSQL itself
 * answers "ready for query".
 *
 * A `copy … from stdin` is one exchange as well, and PGlite reads its rows only from the message that holds the
 * statement: so statement, rows and their end are gathered and handed over together.
 */
import type { PGlite } from '@electric-sql/pglite';

/** Messages of the extended protocol after which more of the same exchange follow. */
const OPEN: ReadonlySet<number> = new Set([...'PBDECHdcf'].map((letter) => letter.charCodeAt(0)));

const messageCode = (letter: string): number => letter.charCodeAt(0);
const QUERY = messageCode('Q');
const COPY_DATA = messageCode('d');
/** As copy.ts of this folder writes it; nothing else copies rows in. */
const COPY_STATEMENT = /^\s*copy\s[^;]*\sfrom stdin\b/i;
const HEADER_BYTES = 5;
/** Enough of a statement to tell what it is. */
const STATEMENT_BYTES_MAX = 4_096;

/** The same database for `PGLiteSocketServer`, whose turns then end where an exchange does. */
export function withWholeExchanges(database: PGlite): PGlite {
  let isExchangeOpen = false;
  let copied: Uint8Array[] = [];
  const overrides = {
    execProtocolRawStream: async (
      ...[message, options]: Parameters<PGlite['execProtocolRawStream']>
    ) => {
      const isCopying = copied.length > 0 ? message[0] === COPY_DATA : startsCopy(message);
      isExchangeOpen = isCopying || OPEN.has(message[0] ?? 0);
      if (isCopying) {
        copied.push(message);
        return;
      }
      const whole = copied.length === 0 ? message : Buffer.concat([...copied, message]);
      if (copied.length > 0) isExchangeOpen = false;
      copied = [];
      await database.execProtocolRawStream(whole, options);
    },
    // The server asks this to know whether the last connection must have the next turn as well.
    isInTransaction: () => isExchangeOpen || database.isInTransaction(),
    // A connection that broke in the middle of an exchange is rolled back, and its turn is over.
    exec: (...given: Parameters<PGlite['exec']>) => {
      isExchangeOpen = false;
      copied = [];
      return database.exec(...given);
    },
  };
  return new Proxy(database, {
    get: (target, name) => {
      if (name in overrides) return Reflect.get(overrides, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function startsCopy(message: Uint8Array): boolean {
  if (message[0] !== QUERY) return false;
  const text = Buffer.from(message.subarray(HEADER_BYTES, STATEMENT_BYTES_MAX)).toString('latin1');
  return COPY_STATEMENT.test(text);
}
