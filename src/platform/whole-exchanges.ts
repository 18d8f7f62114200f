/**
 * Lets several connections share an embedded database. PGlite is one PostgreSQL session, and its
 * socket server takes turns between connections message by message: one connection's Parse can fall
 * between another's Parse and Bind, which then binds the wrong statement. This makes it take turns
 * exchange by exchange: a connection keeps its turn until its Sync, which is where PostgreSQL itself
 * answers "ready for query".
 */
import type { PGlite } from '@electric-sql/pglite';

/** Messages of the extended protocol after which more of the same exchange follow. */
const OPEN: ReadonlySet<number> = new Set([...'PBDECHdcf'].map((letter) => letter.charCodeAt(0)));

/** The same database for `PGLiteSocketServer`, whose turns then end where an exchange does. */
export function withWholeExchanges(database: PGlite): PGlite {
  let isExchangeOpen = false;
  const overrides = {
    execProtocolRawStream: async (
      ...[message, options]: Parameters<PGlite['execProtocolRawStream']>
    ) => {
      isExchangeOpen = OPEN.has(message[0] ?? 0);
      await database.execProtocolRawStream(message, options);
    },
    // The server asks this to know whether the last connection must have the next turn as well.
    isInTransaction: () => isExchangeOpen || database.isInTransaction(),
    // A connection that broke in the middle of an exchange is rolled back, and its turn is over.
    exec: (...given: Parameters<PGlite['exec']>) => {
      isExchangeOpen = false;
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
