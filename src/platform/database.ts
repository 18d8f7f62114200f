/**
 * The one door to PostgreSQL. Owns the pool, transactions with retry, and how SQL types become
 * values: int8 is a safe `number` (counts, bytes), numeric stays a decimal string that the ledger
 * turns into `bigint`, timestamptz is a `Date`.
 *
 * Modules write their SQL by hand in `store.ts` with `sql<Row>` and run it on a `Database`, which is
 * either the pool or a transaction; the same text runs on PGlite and on any PostgreSQL 15 or newer.
 * Rows by the thousand go in with `copyRows` (copy.ts).
 * Nothing may rely on LISTEN: notifications do not cross PGlite's socket connections.
 */
import { type Kysely, Kysely as KyselyDatabase, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { withCopy } from './copy.ts';
import { codeOf, defineErrors } from './error.ts';

export { sql };

/** A pool or a transaction; both run statements. */
export type Database = Kysely<unknown>;

export type DatabaseOptions = Readonly<{
  url: string;
  /** Connections at most. The embedded database runs one statement at a time, so few are enough. */
  poolSize?: number;
}>;

export type DatabaseHandle = Readonly<{
  database: Database;
  /** The driver's pool, for libraries that want one (sign-in). */
  pool: pg.Pool;
  stop: () => Promise<void>;
}>;

const fail = defineErrors({ 'database.count_too_large': { status: 500 } });

/** PostgreSQL's codes we branch on. */
export const PG_ERROR = {
  uniqueViolation: '23505',
  foreignKeyViolation: '23503',
  checkViolation: '23514',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  numericOverflow: '22003',
} as const;

const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Deadlocks and serialization failures resolve on the first or second retry, or never. */
const TRANSACTION_ATTEMPTS_MAX = 5;

const INT8_OID = 20;

export function openDatabase(options: DatabaseOptions): DatabaseHandle {
  const own = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    types: columnTypes(),
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  own.on('error', () => {});
  // So would one that breaks in the middle of a transaction, between two statements: the next one fails instead.
  own.on('connect', (client) => client.on('error', () => {}));
  const pool = withCopy(own);
  const database = new KyselyDatabase<unknown>({ dialect: new PostgresDialect({ pool }) });
  return { database, pool, stop: () => database.destroy() };
}

/** Runs `work` in a transaction; retries it whole when PostgreSQL asks for that. */
export async function transaction<T>(
  database: Database,
  work: (tx: Database) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction().execute(work);
    } catch (error) {
      if (attempt >= TRANSACTION_ATTEMPTS_MAX || !isRetryable(error)) throw error;
    }
  }
}

export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (codeOf(error) !== PG_ERROR.uniqueViolation) return false;
  if (constraint === undefined) return true;
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
}

function isRetryable(error: unknown): boolean {
  const code = codeOf(error);
  return code === PG_ERROR.serializationFailure || code === PG_ERROR.deadlockDetected;
}

function columnTypes(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8_OID, parseCount);
  return types;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count)) {
    throw fail(
      'database.count_too_large',
      `The count ${text} does not fit a number; money belongs in numeric.`,
    );
  }
  return count;
}
