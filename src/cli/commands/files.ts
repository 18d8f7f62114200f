/** `files upload|list|show|download|remove`. */
import { createWriteStream, openAsBlob } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from '#client/client.ts';
import type { File as StoredFile } from '#batches/api.ts';
import { codeOf } from '#platform/error.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAgo, formatBytes, parseExpiry } from '../format.ts';
import { printDone, printList, printThing, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const upload = defineCommand({
  words: ['files', 'upload'],
  summary: 'Upload a file into the project of the key.',
  arguments: [{ name: 'file', kind: 'required', summary: 'A file on this machine.' }],
  options: {
    purpose: {
      type: 'string',
      summary: 'What it is for.',
      choices: ['batch', 'user_data'],
      default: 'batch',
    },
    expires: { type: 'string', value: 'WHEN', summary: 'When it is deleted: 12h, 30d, or a date.' },
  },
  run: async ({ arguments: { file: path }, options }, context) => {
    const client = await context.connect();
    const file = await uploadFile(client, path, options);
    printDone(context, `${file.id} is there (${formatBytes(file.bytes)}).`, file);
  },
});

/** Streamed from the disk; raises a usage error where there is no such file. */
export async function uploadFile(
  client: Client,
  path: string,
  options: Readonly<{ purpose: 'batch' | 'user_data'; expires?: string | undefined }>,
): Promise<StoredFile> {
  const content = await openAsBlob(resolve(path)).catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read (${codeOf(error) ?? 'it is no file'}).`, '');
  });
  const { purpose, expires } = options;
  const expiresAfter = expires === undefined ? undefined : secondsUntil(expires);
  return client.files.upload({ content, name: basename(path), purpose, expiresAfter });
}

function secondsUntil(text: string): number {
  const nowMs = Date.now();
  const expiresAt = parseExpiry(text, nowMs);
  if (expiresAt !== null) return Math.round((Date.parse(expiresAt) - nowMs) / 1000);
  throw new UsageError(`"${text}" is no time to expire.`, 'Write 12h, 30d or 2030-12-31.');
}

const list = defineCommand({
  words: ['files', 'list'],
  summary: 'List the files of the project.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const files = await readAll(client.files.list);
    const nowMs = Date.now();
    printList(
      context,
      files,
      [
        { title: 'FILE', value: ({ id }) => id },
        { title: 'NAME', value: ({ filename }) => filename },
        { title: 'PURPOSE', value: ({ purpose }) => purpose },
        { title: 'SIZE', align: 'right', value: ({ bytes }) => formatBytes(bytes) },
        { title: 'CREATED', value: ({ created_at: at }) => formatAgo(timeOf(at), nowMs) },
        { title: 'EXPIRES', value: ({ expires_at: at }) => dayOf(at) },
      ],
      'There are no files. `flywheel files upload FILE` brings one in.',
    );
  },
});

export function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function dayOf(seconds: number | null): string {
  return seconds === null ? 'never' : timeOf(seconds).slice(0, 10);
}

const which = { name: 'file', kind: 'required', summary: 'Its id.' } as const;

const show = defineCommand({
  words: ['files', 'show'],
  summary: 'Show one file.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { file: id } }, context) => {
    const client = await context.connect();
    const file = await client.files.get(id);
    printThing(context, file, [
      ['file', file.id],
      ['name', file.filename],
      ['purpose', file.purpose],
      ['size', formatBytes(file.bytes)],
      ['created', timeOf(file.created_at)],
      ['expires', file.expires_at === null ? 'never' : timeOf(file.expires_at)],
    ]);
  },
});

const download = defineCommand({
  words: ['files', 'download'],
  summary: 'Write a file to standard output, or to a file here.',
  arguments: [which],
  options: { output: { type: 'string', short: 'o', value: 'FILE', summary: 'Where to write it.' } },
  run: async ({ arguments: { file: id }, options }, context) => {
    await downloadFile(context, await context.connect(), { id, path: options.output });
  },
});

/** The bytes as they are, without a copy of them in memory. */
export async function downloadFile(
  context: Context,
  client: Client,
  { id, path }: Readonly<{ id: string; path: string | undefined }>,
): Promise<void> {
  const { body } = await client.files.content(id, { signal: context.interrupted() });
  if (body === null) return;
  if (path !== undefined) {
    await pipeline(Readable.fromWeb(body), createWriteStream(path));
    printDone(context, `${id} is in ${path}.`, { id, path });
    return;
  }
  const decoder = new TextDecoder();
  for await (const piece of body)
    context.terminal.out.write(decoder.decode(piece, { stream: true }));
  context.terminal.out.write(decoder.decode());
}

const remove = defineCommand({
  words: ['files', 'remove'],
  summary: 'Delete a file.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { file: id } }, context) => {
    const client = await context.connect();
    await client.files.remove(id);
    printDone(context, `${id} is gone.`, { id });
  },
});

export const fileCommands = [upload, list, show, download, remove];
