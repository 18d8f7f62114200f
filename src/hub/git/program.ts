/**
 * The system's git, behind a narrow door: nothing of the home or of /etc is read, no hook runs, nobody is
 * asked for anything. So many run at once and so long; who leaves takes their process along.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { codeOf } from '#platform/error.ts';
import { failGit } from './errors.ts';

export type GitCall = Readonly<{
  args: readonly string[];
  /** Where the repository lies, and beside it where new objects go. */
  environment: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
}>;

export type Running = Readonly<{
  input: Writable;
  output: Readable;
  /** Raises `git.missing`, `git.failed`. */
  ended: Promise<void>;
}>;

export type GitProgram = Readonly<{
  start: (call: GitCall) => Running;
  /** All that it prints, where that is little. Raises also `git.too_large`. */
  run: (call: GitCall) => Promise<Buffer>;
}>;

/** The longest clone that still moves; the front door ends those that stand still. */
const TIME_MAX_MS = 30 * 60_000;
const PRINTED_BYTES_MAX = 64 * 1024 * 1024;
const COMPLAINT_BYTES_MAX = 4_000;
/** In KiB, where the system can hold a process to it: an object that unfolds to more is an attack. */
const MEMORY_KIB_MAX = 4 * 1024 * 1024;
const BOUNDED = `ulimit -v ${MEMORY_KIB_MAX} 2>/dev/null; exec "$0" "$@"`;

const CLEAN: Readonly<Record<string, string>> = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
  LC_ALL: 'C',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
};

const SETTINGS: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'core.bigFileThreshold': '8m',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'transfer.fsckObjects': 'true',
  'uploadpack.allowFilter': 'true',
  'pack.threads': '1',
  'pack.windowMemory': '64m',
};

export function createGitProgram(program = 'git'): GitProgram {
  const start = ({ args, environment, signal }: GitCall): Running => {
    const child = spawn('/bin/sh', ['-c', BOUNDED, program, ...args], {
      env: { ...CLEAN, ...settingsOf(environment), ...environment },
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that what it starts ends with it.
      detached: true,
    });
    const kill = (): void => end(child);
    const timer = setTimeout(kill, TIME_MAX_MS);
    if (signal?.aborted === true) kill();
    signal?.addEventListener('abort', kill, { once: true });
    const complaint: Buffer[] = [];
    let bytes = 0;
    child.stderr.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= COMPLAINT_BYTES_MAX) complaint.push(part);
    });
    // It may end before it has read all; how it ended says why.
    child.stdin.on('error', () => {});
    const ended = new Promise<void>((resolve, reject) => {
      child.on('error', (error) => reject(failed(-1, codeOf(error) ?? '')));
      child.on('close', (status) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', kill);
        if (status === 0) resolve();
        else reject(failed(status ?? -1, Buffer.concat(complaint).toString('utf8')));
      });
    });
    // Whoever waits for it hears of it; a caller who left does not.
    ended.catch(() => {});
    return { input: child.stdin, output: child.stdout, ended };
  };
  return {
    start,
    run: async (call) => {
      const { input, output, ended } = start(call);
      input.end();
      const parts: Buffer[] = [];
      let bytes = 0;
      for await (const part of output) {
        bytes += part.length;
        if (bytes > PRINTED_BYTES_MAX) throw failGit('git.too_large', 'git says too much.');
        parts.push(part);
      }
      await ended;
      return Buffer.concat(parts);
    },
  };
}

function settingsOf(environment: Readonly<Record<string, string>>): Record<string, string> {
  const all = Object.entries({ ...SETTINGS, 'safe.directory': environment['GIT_DIR'] ?? '' });
  const settings: Record<string, string> = { GIT_CONFIG_COUNT: String(all.length) };
  for (const [index, [key, value]] of all.entries()) {
    settings[`GIT_CONFIG_KEY_${index}`] = key;
    settings[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return settings;
}

function end(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** 127 is how a shell says that there is no such program. */
function failed(status: number, complaint: string): Error {
  if (status === 127 || status === -1) {
    return failGit(
      'git.missing',
      'This cloud has no git on the machine of control. Whoever runs it can install it; the API works without.',
    );
  }
  const said = complaint.trim().split('\n').slice(-3).join(' ').slice(0, 500);
  return failGit('git.failed', `git ended with ${status}: ${said}`);
}
