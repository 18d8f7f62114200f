/**
 * One line per request, for the people who run this: who, what, how long, how many tokens; never what
 * was said. The lines are built by hand and written in batches, because the general log writes each
 * line by itself and that alone costs more than the rest of a request's bookkeeping. A process that
 * is killed loses the last moment of these lines; the journal is what must not be lost.
 */
import { pino } from 'pino';

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

/** Below the 16 KiB that one write takes. */
const BATCH_BYTES = 8 * 1024;
const FLUSH_MS = 250;

export const silentAccessLog: AccessLog = { write: () => {}, flush: () => {} };

export function createAccessLog(fileDescriptor = 2): AccessLog {
  const destination = pino.destination({
    fd: fileDescriptor,
    sync: false,
    minLength: BATCH_BYTES,
    periodicFlush: FLUSH_MS,
  });
  return {
    write: (line) => destination.write(accessLine(line, new Date().toISOString())),
    flush: () => destination.flushSync(),
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
