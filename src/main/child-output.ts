/**
 * What children write: everything into their log files as JSON lines, and what deserves a look to the
 * terminal in a form for people. Cheap for the gateway's thousands of lines a second: a chunk is taken
 * apart only when there is a warning in it.
 */
import type { LogFile } from './log-file.ts';

export type ChildOutput = Readonly<{ take: (chunk: Buffer) => void; end: () => void }>;

/** A line without an end is somebody's binary; it is cut here. */
const LINE_BYTES_MAX = 64 * 1024;
const NEWLINE = 10;

export function createChildOutput(
  name: string,
  parts: Readonly<{ file: LogFile; show: (line: string) => void }>,
): ChildOutput {
  let rest = Buffer.alloc(0);

  const takeWhole = (whole: Buffer): void => {
    const text = whole.toString('utf8');
    if (!mayHaveForeign(text) && !mayHaveWarning(text)) {
      parts.file.write(whole);
      return;
    }
    for (const line of text.split('\n')) {
      if (line !== '') takeLine(line);
    }
  };

  const takeLine = (line: string): void => {
    const fields = parseFields(line);
    const known = fields ?? { level: 'warn', process: name, event: 'process.output', text: line };
    parts.file.write(Buffer.from(`${fields === null ? JSON.stringify(known) : line}\n`));
    if (known['level'] === 'warn' || known['level'] === 'error') parts.show(readable(name, known));
  };

  return {
    take: (chunk) => {
      const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = joined.lastIndexOf(NEWLINE) + 1;
      if (end > 0) takeWhole(joined.subarray(0, end));
      rest = Buffer.from(joined.subarray(end).subarray(-LINE_BYTES_MAX));
    },
    end: () => {
      if (rest.length > 0) takeLine(rest.toString('utf8'));
      rest = Buffer.alloc(0);
    },
  };
}

function mayHaveWarning(text: string): boolean {
  return text.includes('"level":"warn"') || text.includes('"level":"error"');
}

/** Lines of the runtime itself or of native code are not JSON. */
function mayHaveForeign(text: string): boolean {
  return /^[^{\n]/m.test(text);
}

function parseFields(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const HIDDEN = new Set(['level', 'time', 'process', 'pid', 'event', 'requestId']);

function readable(name: string, fields: Record<string, unknown>): string {
  const details = Object.entries(fields)
    .filter(([field]) => !HIDDEN.has(field))
    .map(([field, value]) => `${field}=${show(value)}`);
  return `${name}: ${[String(fields['event']), ...details].join(' ')}`;
}

function show(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value)
    return String(value.message);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
