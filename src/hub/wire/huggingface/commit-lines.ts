/**
 * The body of a commit: one JSON object per line, a header first. Pure but for reading the stream; nothing
 * of it is kept here, so a commit of any size needs the memory of one line.
 * huggingface_hub: _commit_api.py, _prepare_commit_payload.
 */
import { z } from '@hono/zod-openapi';
import type { Bytes } from '#platform/objects.ts';
import { failHub } from '../../errors.ts';

const path = z.string().min(1).max(2000);
const SHA256 = /^[0-9a-f]{64}$/;

const lineSchema = z.discriminatedUnion('key', [
  z.object({
    key: z.literal('header'),
    value: z.object({
      summary: z.string().max(2000).default(''),
      description: z.string().max(65_536).nullish(),
      parentCommit: z
        .string()
        .regex(/^[0-9a-f]{40}$/)
        .nullish(),
    }),
  }),
  z.object({
    key: z.literal('file'),
    value: z.object({ path, content: z.string(), encoding: z.enum(['base64', 'utf-8']).nullish() }),
  }),
  z.object({
    key: z.literal('lfsFile'),
    value: z.object({
      path,
      algo: z.literal('sha256').nullish(),
      oid: z.string().regex(SHA256),
      size: z.number().int().nonnegative().nullish(),
    }),
  }),
  z.object({ key: z.literal('deletedFile'), value: z.object({ path }) }),
  z.object({ key: z.literal('deletedFolder'), value: z.object({ path }) }),
  z.object({
    key: z.literal('copyFile'),
    value: z.object({ path, srcPath: path, srcRevision: z.string().max(300).nullish() }),
  }),
]);
export type CommitLine = z.infer<typeof lineSchema>;

export type LineLimits = Readonly<{ lineBytesMax: number; bytesMax: number; linesMax: number }>;

export const LINE_LIMITS: LineLimits = {
  /** A file of 10 MiB in base64; the clients are asked to send what is larger by LFS. */
  lineBytesMax: 14 * 1024 * 1024,
  /** What the front door lets through. */
  bytesMax: 200 * 1024 * 1024,
  /** upload_folder sends 1,000 files at once at most. */
  linesMax: 25_000,
};

/** Raises `commit.invalid`, `commit.too_large`. */
export async function* readCommitLines(
  source: Bytes,
  limits: LineLimits = LINE_LIMITS,
): AsyncGenerator<CommitLine> {
  let count = 0;
  for await (const text of linesOf(source, limits)) {
    count += 1;
    if (count > limits.linesMax) {
      throw failHub('commit.too_large', `A commit has ${limits.linesMax} lines at most.`);
    }
    yield parseLine(text, count);
  }
}

function parseLine(text: string, number: number): CommitLine {
  const result = lineSchema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw failHub('commit.invalid', `Line ${number}, ${where || 'all of it'}: ${issue?.message}`);
}

/** Undefined for what is no JSON, which fits no schema. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const NEWLINE = 0x0a;

async function* linesOf(source: Bytes, limits: LineLimits): AsyncGenerator<string> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let bytes = 0;
  const take = (): string => {
    const text = Buffer.concat(held).toString('utf8').trim();
    held = [];
    heldBytes = 0;
    return text;
  };
  const hold = (piece: Uint8Array): void => {
    heldBytes += piece.length;
    if (heldBytes > limits.lineBytesMax) throw tooLarge('line', limits.lineBytesMax);
    held.push(piece);
  };
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > limits.bytesMax) throw tooLarge('commit', limits.bytesMax);
    let from = 0;
    for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, from)) {
      hold(piece.subarray(from, at));
      from = at + 1;
      const line = take();
      if (line !== '') yield line;
    }
    hold(piece.subarray(from));
  }
  const last = take();
  if (last !== '') yield last;
}

function tooLarge(what: string, bytesMax: number): Error {
  return failHub(
    'commit.too_large',
    `A ${what} has ${bytesMax} bytes at most; send large files by LFS.`,
  );
}
