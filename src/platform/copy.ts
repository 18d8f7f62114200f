/**
 * `copy … from stdin` through the driver, which has no such thing of its own: rows in PostgreSQL's text format, handed
 * through the query builder as a statement's only parameter. A row costs the server half of what it costs as
 * elements of arrays.
 *
 * Statement and rows are sent at once, without waiting for the server to ask for them: that saves a round trip, and
 * the embedded database reads them in one exchange (whole-exchanges.ts). After an error a server skips rows
 * that are still on their way (PostgreSQL, Frontend/Backend Protocol, 55.2.6).
 */
import { CompiledQuery } from 'kysely';
import type pg from 'pg';
import type { Database } from './database.ts';

/**
 * Runs a `copy … from stdin` in a transaction. Rows are columns joined with tabs, each as `copyText` writes it.
 * Raises what the server refuses a row for.
 */
export async function copyRows(
  tx: Database,
  statement: string,
  rows: readonly string[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.executeQuery(CompiledQuery.raw(statement, [new CopyRows(rows)]));
}

class CopyRows {
  readonly text: string;

  constructor(rows: readonly string[]) {
    this.text = `${rows.join('\n')}\n`;
  }
}

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

/** A value of a row. */
export function copyText(value: string | null): string {
  if (value === null) return '\\N';
  return SPECIAL.test(value)
    ? value.replaceAll(/[\\\t\n\r]/g, (one) => ESCAPES[one] ?? one)
    : value;
}

/** The same pool for statements of all kinds, and for those of `copyRows`. */
export function withCopy(pool: pg.Pool): pg.Pool {
  const connect = async (): Promise<pg.PoolClient> => copying(await pool.connect());
  return overridden(pool, 'connect', connect);
}

function copying(client: pg.PoolClient): pg.PoolClient {
  const query = (text: string, parameters: readonly unknown[]): Promise<unknown> => {
    const [rows] = parameters;
    return rows instanceof CopyRows
      ? copy(client, text, rows)
      : client.query(text, [...parameters]);
  };
  return overridden(client, 'query', query);
}

function overridden<Target extends object>(target: Target, name: string, value: unknown): Target {
  return new Proxy(target, {
    get: (own, asked) => {
      if (asked === name) return value;
      const found: unknown = Reflect.get(own, asked);
      return typeof found === 'function' ? found.bind(own) : found;
    },
  });
}

async function copy(client: pg.PoolClient, statement: string, rows: CopyRows): Promise<unknown> {
  const sent = client.query(new CopyStatement(statement, rows));
  await sent.done;
  return { command: 'COPY', rows: [] };
}

/** What the driver wants of a statement that it did not make: to be sent, and to be told of the answer. */
class CopyStatement {
  readonly #done = Promise.withResolvers<void>();
  readonly #statement: string;
  readonly #rows: CopyRows;

  constructor(statement: string, rows: CopyRows) {
    this.#statement = statement;
    this.#rows = rows;
  }

  get done(): Promise<void> {
    return this.#done.promise;
  }

  submit(connection: pg.Connection): void {
    const { stream } = connection;
    stream.cork();
    connection.query(this.#statement);
    const data = Buffer.from(this.#rows.text);
    stream.write(copyDataHeader(data.length));
    stream.write(data);
    stream.write(COPY_DONE);
    stream.uncork();
  }

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}

  handleError(error: unknown): void {
    this.#done.reject(error);
  }

  handleReadyForQuery(): void {
    this.#done.resolve();
  }
}

/** A letter and the length of what follows it, itself included. */
const HEADER_BYTES = 5;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

function copyDataHeader(length: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = 0x64;
  header.writeUInt32BE(length + HEADER_BYTES - 1, 1);
  return header;
}
