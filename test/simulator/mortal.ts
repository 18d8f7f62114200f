/**
 * Deaths at any statement. A life is a door to the database that ends when its killer says so: before a
 * statement is sent (the connection is lost and the server rolls back) or after it was done (what it did
 * stands, its answer never comes: for a commit, the reply that is lost). From then on nothing of that life
 * reaches the database any more, whatever it was doing; only rollbacks pass, because a server that loses
 * its client rolls back too. Production code knows nothing of it and pays nothing for it.
 */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Database } from '#platform/database.ts';

export type Death = Readonly<{
  /** `statement` counts every one of them, `commit` only those that end a transaction. */
  at: 'statement' | 'commit';
  /** From 1. */
  number: number;
  when: 'before' | 'after';
}>;

export type Life = Readonly<{
  database: Database;
  /** Ends it where the death says, or at once. */
  arm: (death: Death | null) => void;
  kill: () => void;
  isDead: () => boolean;
  /** Statements sent so far. */
  statements: () => number;
}>;

/** What everybody gets who asks something of a life that is over. */
export class DeathError extends Error {
  override readonly name = 'DeathError';
}

export function isDeath(error: unknown): boolean {
  if (error instanceof DeathError) return true;
  return error instanceof Error && error.cause !== undefined && isDeath(error.cause);
}

type Pool = Readonly<{ connect: () => Promise<PostgresPoolClient> }>;

export function beginLife(pool: Pool): Life {
  let death: Death | null = null;
  let isDead = false;
  let sent = 0;
  let seen = { statement: 0, commit: 0 };

  /** True when the life ends with this statement. */
  const isLast = (text: string): boolean => {
    seen.statement += 1;
    if (text === 'commit') seen.commit += 1;
    if (death === null || (death.at === 'commit' && text !== 'commit')) return false;
    return seen[death.at] === death.number;
  };

  const pass = async <T>(text: string, run: () => Promise<T>): Promise<T> => {
    if (text === 'rollback') return run();
    if (isDead) throw new DeathError('this life is over');
    sent += 1;
    if (!isLast(text)) return run();
    isDead = true;
    if (death?.when === 'after') await run();
    throw new DeathError(`died ${death?.when} ${text.slice(0, 60)}`);
  };

  const mortal: PostgresPool = {
    options: {},
    connect: async () => {
      if (isDead) throw new DeathError('this life is over');
      return mortalClient(await pool.connect(), { pass, isDead: () => isDead });
    },
    end: async () => {},
  };
  return {
    database: new Kysely<unknown>({ dialect: new PostgresDialect({ pool: mortal }) }),
    arm: (next) => {
      death = next;
      seen = { statement: 0, commit: 0 };
    },
    kill: () => {
      isDead = true;
    },
    isDead: () => isDead,
    statements: () => sent,
  };
}

type Pass = <T>(text: string, run: () => Promise<T>) => Promise<T>;

/** A client that asks first. Kysely calls `query` with text and values only: nothing here streams. */
function mortalClient(
  client: PostgresPoolClient,
  life: Readonly<{ pass: Pass; isDead: () => boolean }>,
): PostgresPoolClient {
  const query = (text: string, values: unknown[]) =>
    life.pass(text, () => client.query(text, values));
  const release = (): void => {
    if (!life.isDead()) return client.release();
    // It may have died between `begin` and whoever would roll back.
    client.query('rollback', []).then(
      () => client.release(),
      () => client.release(true),
    );
  };
  return new Proxy(client, {
    get: (target, name) => {
      if (name === 'query') return query;
      if (name === 'release') return release;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
