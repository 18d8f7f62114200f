/**
 * The last lines that engines logged, until control has taken them. Bounded: a node that cannot
 * reach control forgets the oldest.
 */
import type { Clock } from '#platform/clock.ts';
import type { Fields, Log } from '#platform/log.ts';
import { LOG_LINES_MAX, LOG_LINE_LENGTH_MAX, type LogLine } from '../sync.ts';

export type LogRing = Readonly<{
  add: (replicaId: string, text: string) => void;
  /** The oldest lines, at most one report's worth. They stay until `drop`. */
  peek: () => readonly LogLine[];
  drop: (count: number) => void;
  /** A log that writes where `log` does, and here as readable lines. */
  tee: (replicaId: string, log: Log) => Log;
}>;

const LINES_KEPT = 4 * LOG_LINES_MAX;

/** Names of the process, not of the event; the reader of a deployment's log knows them. */
const HIDDEN_FIELDS = ['pid', 'engine', 'replicaId', 'deploymentId'];

export function createLogRing(clock: Clock): LogRing {
  const lines: LogLine[] = [];

  const add = (replicaId: string, text: string): void => {
    lines.push({ replicaId, atMs: clock.nowMs(), line: text.slice(0, LOG_LINE_LENGTH_MAX) });
    if (lines.length > LINES_KEPT) lines.shift();
  };

  const tee = (replicaId: string, log: Log): Log => {
    const at =
      (level: 'error' | 'warn' | 'info' | 'debug') =>
      (event: string, fields: Fields = {}): void => {
        log[level](event, fields);
        add(replicaId, `${level.padEnd(5)} ${readable(event, fields)}`);
      };
    return {
      error: at('error'),
      warn: at('warn'),
      info: at('info'),
      debug: at('debug'),
      with: (fields) => tee(replicaId, log.with(fields)),
    };
  };

  return {
    add,
    peek: () => lines.slice(0, LOG_LINES_MAX),
    drop: (count) => {
      lines.splice(0, count);
    },
    tee,
  };
}

function readable(event: string, fields: Fields): string {
  const parts = Object.entries(fields)
    .filter(([name]) => !HIDDEN_FIELDS.includes(name))
    .map(([name, value]) =>
      name === 'text' || name === 'line' ? show(value) : `${name}=${show(value)}`,
    );
  return [event, ...parts].join(' ');
}

function show(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}
