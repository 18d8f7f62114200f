/**
 * Repositories as git clones, fetches and pushes them. Owns what git knows of a revision, mirrors for the
 * system's git to read from, and the judging of pushes; promises that a clone has the ids that the API says,
 * and that a push is taken whole, by the rules of an API commit, or leaves nothing. Who may do what is the
 * caller's to ask. Without a git on this machine it says so, and everything else works.
 */
import type { Log } from '#platform/log.ts';
import type { CommitParts } from '../repositories/commits.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import type { Uploads } from '../repositories/uploads.ts';
import { createSigner } from '../repositories/signer.ts';
import { failGit } from './errors.ts';
import { selectContents } from './git-store.ts';
import { createMirrors } from './mirror.ts';
import { FLUSH, line } from './pkt-line.ts';
import { type GitProgram, createGitProgram } from './program.ts';
import { PUSH_CAPABILITIES } from './push-request.ts';
import { type Pushing, receivePush } from './push.ts';
import { createSlots } from './slots.ts';

export type GitOptions = CommitParts &
  Readonly<{
    log: Log;
    uploads: Uploads;
    /** Where mirrors lie; without one git is not answered. */
    gitFolder?: string | undefined;
    /** Another git than the system's. */
    gitProgram?: string | undefined;
    gitBytesMax?: number | undefined;
  }>;

export type Fetching = Readonly<{
  /** As git asked for it, such as `version=2`. */
  protocol: string;
  signal: AbortSignal;
}>;

type Bytes = AsyncIterable<Uint8Array>;

export interface Git {
  /** What there is to fetch. Raises `git.missing`, `git.busy`. */
  advertise(key: RepositoryKey, fetching: Fetching): Promise<Bytes>;
  /** Answers what a client has and wants. Raises as `advertise`. */
  upload(key: RepositoryKey, fetching: Fetching & Readonly<{ body: Bytes }>): Promise<Bytes>;
  /** What stands where, for who is about to push. */
  advertisePush(key: RepositoryKey): Promise<Uint8Array>;
  /** Raises `git.missing`, `git.busy`, `git.request_invalid`; what is wrong with the push is in its answer. */
  receive(pushing: Pushing): Promise<Bytes>;
  /** Sizes of those of these bytes that any revision of the repository is made of. */
  contents(key: RepositoryKey, sha256s: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** An address word for bytes that somebody may fetch, for some hours. */
  signDownload(file: LargeFile): Promise<string>;
  /** Null for a word that is not ours, or has expired. */
  openDownload(word: string): Promise<LargeFile | null>;
}

export type LargeFile = Readonly<{ sha256: string; sizeBytes: number }>;

/** A slow line takes a day for a large model. */
const DOWNLOAD_TTL_MS = 26 * 60 * 60 * 1000;

const SERVICE = 'git-upload-pack';

export function createGit(options: GitOptions): Git {
  const program = createGitProgram(options.gitProgram);
  const slots = createSlots();
  const signer = createSigner(options.database, options.clock, 'lfs-download');
  const parts = { ...options, program, bytesMax: options.gitBytesMax };
  const open = openerOf(options, program);
  const mirrors = { open };
  const run = async (
    key: RepositoryKey,
    words: readonly string[],
    { protocol, signal, body }: Fetching & Readonly<{ body: Bytes | null }>,
  ): Promise<Bytes> => {
    const free = await slots.take();
    try {
      const { path } = await open(key);
      const environment = { GIT_DIR: path, ...protocolOf(protocol) };
      return relay(program, { args: [...words, path], environment, signal, body }, free);
    } catch (error) {
      free();
      throw error;
    }
  };
  return {
    advertise: async (key, fetching) => {
      const args = ['upload-pack', '--stateless-rpc', '--advertise-refs'];
      const refs = await run(key, args, { ...fetching, body: null });
      return fetching.protocol === 'version=2' ? refs : after(refs, `# service=${SERVICE}\n`);
    },
    upload: (key, fetching) => run(key, ['upload-pack', '--stateless-rpc'], fetching),
    advertisePush: async (key) => {
      const { refs } = await open(key);
      const names = [...refs].map(([name, { oid }]) => `${oid} ${name}`).toSorted();
      const [first = `${'0'.repeat(40)} capabilities^{}`, ...rest] = names;
      return Buffer.concat([
        line('# service=git-receive-pack\n'),
        FLUSH,
        line(`${first}\0${PUSH_CAPABILITIES}\n`),
        ...rest.map((name) => line(`${name}\n`)),
        FLUSH,
      ]);
    },
    receive: async (pushing) => {
      const free = await slots.take();
      try {
        const folder = requireFolder(options);
        const { answer, done } = await receivePush({ ...parts, folder, mirrors }, pushing);
        done.then(free, free);
        return answer;
      } catch (error) {
        free();
        throw error;
      }
    },
    signDownload: ({ sha256, sizeBytes }) =>
      signer.sign([sha256, String(sizeBytes)], DOWNLOAD_TTL_MS),
    openDownload: async (word) => {
      const [sha256, size] = (await signer.open(word)) ?? [];
      return sha256 === undefined ? null : { sha256, sizeBytes: Number(size) };
    },
    contents: (key, sha256s) => selectContents(options.database, key, sha256s),
  };
}

function openerOf(options: GitOptions, program: GitProgram) {
  const { gitFolder, gitBytesMax } = options;
  if (gitFolder === undefined) return async () => failNever();
  const { open } = createMirrors({ ...options, folder: gitFolder, program, bytesMax: gitBytesMax });
  return open;
}

function failNever(): never {
  throw failGit('git.missing', 'Git is not answered here.');
}

function requireFolder({ gitFolder }: GitOptions): string {
  return gitFolder ?? failNever();
}

function protocolOf(protocol: string): Record<string, string> {
  return /^version=[012]$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {};
}

/** What git answers, as it comes; who leaves ends it. */
function relay(
  program: GitProgram,
  call: Parameters<GitProgram['start']>[0] & Readonly<{ body: Bytes | null }>,
  free: () => void,
): Bytes {
  const leaving = new AbortController();
  const signal = AbortSignal.any([
    leaving.signal,
    ...(call.signal === undefined ? [] : [call.signal]),
  ]);
  const { input, output, ended } = program.start({ ...call, signal });
  // Also when nobody ever reads what it says: who leaves ends it.
  ended.then(free, free);
  const feeding = feed(input, call.body).catch(() => leaving.abort());
  return (async function* () {
    try {
      for await (const part of output) yield part;
      await ended;
      await feeding;
    } finally {
      leaving.abort();
    }
  })();
}

async function feed(input: NodeJS.WritableStream & { destroyed: boolean }, body: Bytes | null) {
  for await (const part of body ?? []) {
    if (input.destroyed) return;
    if (!input.write(part)) {
      await new Promise((resolve) => input.once('drain', resolve).once('close', resolve));
    }
  }
  input.end();
}

async function* after(rest: Bytes, head: string): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([line(head), FLUSH]);
  yield* rest;
}
