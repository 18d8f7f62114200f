/**
 * Errors that a caller is shown. A module lists its own in `errors.ts` as a table (code → status,
 * retryable) made with `defineErrors`; code anywhere throws them by code and one edge per dialect
 * turns them into a response. Callers match on `code`, never on text. Messages are written for the
 * person who reads them and never hold a secret or a prompt.
 */
export type ErrorSpec = Readonly<{ status: number; retryable?: boolean }>;

export type FlywheelErrorOptions = Readonly<{
  status: number;
  retryable?: boolean;
  /** The request field at fault, where there is one. */
  param?: string;
  retryAfterMs?: number;
  cause?: unknown;
}>;

export class FlywheelError extends Error {
  override readonly name = 'FlywheelError';
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly param: string | null;
  readonly retryAfterMs: number | null;

  constructor(code: string, message: string, options: FlywheelErrorOptions) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.retryable = options.retryable ?? false;
    this.param = options.param ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

type Details = Readonly<{ param?: string; retryAfterMs?: number; cause?: unknown }>;

/**
 * Turns a module's table of errors into a function that makes them:
 * `const fail = defineErrors({ 'model.unknown': { status: 404 } }); throw fail('model.unknown', '…')`.
 */
export function defineErrors<Code extends string>(table: Readonly<Record<Code, ErrorSpec>>) {
  const make = (code: Code, message: string, details: Details = {}): FlywheelError =>
    new FlywheelError(code, message, { ...table[code], ...details });
  return Object.assign(make, { table });
}

/** The message of anything thrown, for logs and for `cause` chains. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node or PostgreSQL error, or null. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
