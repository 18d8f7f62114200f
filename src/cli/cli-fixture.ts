/** For tests: `bin/flywheel` as a person or a script runs it. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after } from 'node:test';
import { listen } from '#platform/http.ts';

const BINARY = join(import.meta.dirname, '..', '..', 'bin', 'flywheel');

export type Ended = Readonly<{ code: number | null; out: string; notes: string }>;

export type RunCliOptions = Readonly<{
  environment?: Readonly<Record<string, string>>;
  input?: string;
  /** Called with what standard error says, as it comes. */
  onNotes?: (notes: string, interrupt: () => void) => void;
}>;

/** Runs one command with an empty home, so that nothing of this machine leaks in. */
export async function runCli(argv: readonly string[], options: RunCliOptions = {}): Promise<Ended> {
  const home = await mkdtemp(join(tmpdir(), 'flywheel-cli-'));
  const child = spawn(BINARY, [...argv], {
    env: { PATH: dirname(process.execPath), FLYWHEEL_HOME: home, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let notes = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    notes += chunk;
    options.onNotes?.(notes, () => child.kill('SIGINT'));
  });
  child.stdin.end(options.input ?? '');
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const out = await text(child.stdout);
  const code = await ended;
  await rm(home, { recursive: true, force: true });
  return { code, out, notes };
}

/** A server that answers as a test says; closed after the file's tests. */
export async function serveWith(
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server = await listen(
    createServer((request, response) => void handler(request, response)),
    { host: '127.0.0.1', port: 0 },
  );
  after(() => server.stop(0));
  return server.url;
}
