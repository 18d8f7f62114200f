/**
 * JSON log lines on standard error: an event name (`replica.started`) and fields with their unit in
 * the name. Values of fields that could hold a secret are dropped by name here, and nobody passes
 * prompts or bodies. Levels: error wakes someone, warn is seen next morning, info tells the story
 * of the control plane, debug is off.
 */
import { pino } from 'pino';

export type Fields = Readonly<Record<string, unknown>>;

export type Log = Readonly<{
  error: (event: string, fields?: Fields) => void;
  warn: (event: string, fields?: Fields) => void;
  info: (event: string, fields?: Fields) => void;
  debug: (event: string, fields?: Fields) => void;
  /** A log whose lines all carry these fields. */
  with: (fields: Fields) => Log;
}>;

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'silent';

/** Names whose values never reach a log line, at any of the first two levels of a field. */
const SECRET_FIELDS = ['authorization', 'cookie', 'password', 'secret', 'apiKey', 'token', 'key'];

export function createLog(options: {
  process: string;
  level: LogLevel;
  fileDescriptor?: number;
}): Log {
  const paths = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]);
  const destination = pino.destination({ fd: options.fileDescriptor ?? 2, sync: true });
  const root = pino(
    {
      level: options.level,
      base: { process: options.process, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'event',
      redact: { paths, remove: true },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return wrap(root);
}

/** A log that says nothing, for pure tests. */
export const silentLog: Log = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  with: () => silentLog,
};

function wrap(logger: pino.Logger): Log {
  return {
    error: (event, fields = {}) => logger.error(flatten(fields), event),
    warn: (event, fields = {}) => logger.warn(flatten(fields), event),
    info: (event, fields = {}) => logger.info(flatten(fields), event),
    debug: (event, fields = {}) => logger.debug(flatten(fields), event),
    with: (fields) => wrap(logger.child(flatten(fields))),
  };
}

/** Errors become `{ message, code, stack }` under their own name; everything else passes as it is. */
function flatten(fields: Fields): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    out[name] =
      value instanceof Error
        ? {
            message: value.message,
            code: 'code' in value ? value.code : undefined,
            stack: value.stack,
          }
        : value;
  }
  return out;
}
