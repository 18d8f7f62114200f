/**
 * One line per request, for the people who run this: who, what, how long, how many tokens; never what
 * was said. The lines are built by hand and written in batches, because the general log writes each
 * line by itself and that alone costs more than the rest of a request's bookkeeping. A process that
 * is killed loses the last moment of these lines; the journal is what must not be lost.
 */
import type { Writable } from 'node:stream';

export type AccessLine = Readonly<{
  requestId: string;
  projectId: string | null;
  keyId: string | null;
  model: string | null;
  status: number;
  code: string | null;
  durationMs: number;
  firstByteMs: number | null;
  inputTokens: number;
  outputTokens: number;
  replicaId: string | null;
}>;

export type AccessLog = Readonly<{ write: (line: AccessLine) => void; flush: () => void }>;

/** Some 200 lines: one write of this size costs little more than one of a single line. */
const BATCH_CHARACTERS = 64 * 1024;
const FLUSH_MS = 250;
/** Half a minute of a busy gateway, for a reader that stalls. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024;

export const silentAccessLog: AccessLog = { write: () => {}, flush: () => {} };

/** Lines that nobody reads any more are dropped: a log must never hold a process that wants to end. */
export function createAccessLog(output: Writable = process.stderr): AccessLog {
  let waiting = '';
  const flush = (): void => {
    if (waiting === '') return;
    if (output.writableLength < UNREAD_BYTES_MAX) output.write(waiting);
    waiting = '';
  };
  output.on('error', () => {});
  setInterval(flush, FLUSH_MS).unref();
  return {
    write: (line) => {
      waiting += accessLine(line, new Date().toISOString());
      if (waiting.length >= BATCH_CHARACTERS) flush();
    },
    flush,
  };
}

export function accessLine(line: AccessLine, time: string): string {
  return `${JSON.stringify({
    level: 'info',
    time,
    event: 'request.ended',
    ...line,
    durationMs: Math.round(line.durationMs * 10) / 10,
    firstByteMs: line.firstByteMs === null ? null : Math.round(line.firstByteMs * 10) / 10,
  })}\n`;
}
