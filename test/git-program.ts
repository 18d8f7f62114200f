/** The system's git and git-lfs, as a person with an empty home runs them. */
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const GIT_TIMEOUT_MS = 60_000;
const run = promisify(execFile);

export type GitEnded = Readonly<{ code: number; said: string; printed: string }>;

/** The home is the folder's parent. */
export async function git(
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<GitEnded> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dirname(folder),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ann Zhang',
    GIT_AUTHOR_EMAIL: 'ann@example.com',
    GIT_COMMITTER_NAME: 'Ann Zhang',
    GIT_COMMITTER_EMAIL: 'ann@example.com',
    ...environment,
  };
  try {
    const options = { cwd: folder, env, timeout: GIT_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    const { stdout, stderr } = await run('git', words, options);
    return { code: 0, said: stderr, printed: stdout.trim() };
  } catch (error) {
    if (!(error instanceof Error) || !('stderr' in error)) throw error;
    const code = 'code' in error && typeof error.code === 'number' ? error.code : -1;
    return { code, said: String(error.stderr), printed: '' };
  }
}

/** As `git`, and it must end well. */
export async function gitOk(folder: string, ...words: readonly string[]): Promise<string> {
  const { code, said, printed } = await git(folder, words);
  if (code === 0) return printed;
  throw new Error(`git ${words.join(' ')} ended with ${code}: ${said}`);
}
