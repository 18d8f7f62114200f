/** Where a push lies until it is known to be good: objects beside a repository, seen by nobody, gone afterwards. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FlywheelError } from '#platform/error.ts';
import { failGit } from './errors.ts';
import { ObjectReader } from './object-reader.ts';
import type { GitProgram } from './program.ts';

export type Quarantine = Readonly<{
  /** Takes a pack and checks each object of it. Raises `git.refused`, `git.too_large`. */
  fill: (pack: AsyncIterable<Uint8Array>) => Promise<void>;
  read: () => ObjectReader;
  /** Commits from these back to those, the oldest first. Raises `git.refused`. */
  commitsSince: (tips: readonly string[], known: readonly string[]) => Promise<readonly string[]>;
  remove: () => Promise<void>;
}>;

/** As much as goes through the front door at once: small files only. */
const PACK_BYTES_MAX = 200 * 1024 * 1024;
export const PUSHED_COMMITS_MAX = 1_000;

export async function openQuarantine(
  program: GitProgram,
  options: Readonly<{ folder: string; mirror: string; signal: AbortSignal }>,
): Promise<Quarantine> {
  const { folder, mirror, signal } = options;
  const incoming = join(folder, 'incoming');
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const path = await mkdtemp(join(incoming, 'push-'));
  await mkdir(join(path, 'pack'));
  const environment = {
    GIT_DIR: mirror,
    GIT_OBJECT_DIRECTORY: path,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(mirror, 'objects'),
  };
  const run = async (args: readonly string[]): Promise<string> =>
    (await program.run({ args, environment, signal })).toString('utf8');
  return {
    fill: async (pack) => {
      const limit = `--max-input-size=${PACK_BYTES_MAX}`;
      const args = ['index-pack', '--stdin', '--fix-thin', '--strict', '--threads=1', limit];
      const { input, output, ended } = program.start({ args, environment, signal });
      output.resume();
      let bytes = 0;
      for await (const part of pack) {
        bytes += part.length;
        if (bytes > PACK_BYTES_MAX) {
          input.destroy();
          throw failGit(
            'git.too_large',
            `A push has ${PACK_BYTES_MAX} bytes at most; use git-lfs.`,
          );
        }
        if (input.destroyed || input.write(part)) continue;
        await new Promise((resolve) => input.once('drain', resolve).once('close', resolve));
      }
      input.end();
      await ended.catch((error: unknown) => {
        if (error instanceof FlywheelError && error.code === 'git.failed') {
          const said = error.message.replace(/^git ended with \d+: /, '');
          throw failGit('git.refused', `git takes no such objects: ${said}`);
        }
        throw error;
      });
    },
    read: () =>
      new ObjectReader(program.start({ args: ['cat-file', '--batch'], environment, signal })),
    commitsSince: async (tips, known) => {
      const limit = `--max-count=${PUSHED_COMMITS_MAX + 1}`;
      const args = ['rev-list', '--topo-order', '--reverse', limit, ...tips, '--not', ...known];
      const lines = (await run([...args, '--'])).split('\n').filter((line) => line !== '');
      if (lines.length <= PUSHED_COMMITS_MAX) return lines;
      throw failGit(
        'git.refused',
        `A push brings ${PUSHED_COMMITS_MAX} commits at most; push in parts.`,
      );
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
